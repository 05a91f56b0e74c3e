"""Lists hold what the law lets somebody read, whatever is asked for, and count nothing else."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.isolation import law
from tests.isolation.asking import all_of, cases
from tests.isolation.world import ROLES, World

#: One way up, the next one down; what a list is sorted by it must be shown anyway.
SORTS = (
    "number",
    "-created_at",
    "updated_at",
    "-closed_at",
    "subject",
    "-type",
    "status",
    "-severity",
    "priority",
    "-service",
    "department",
    "-requester",
    "assignee",
    "-organization",
)


def seen_and_hidden(world: World, role: str, kind: str) -> tuple[set[str], set[str]]:
    """The ids of a kind that a role sees, and those that it does not."""
    seen, hidden = set[str](), set[str]()
    for _, thing, level in cases(world, role, kind):
        (hidden if level == "-" else seen).add(thing.id)
    return seen, hidden


def tickets_of_others(world: World, role: str) -> set[str]:
    """Every ticket there is anywhere that the role may not read."""
    everywhere = {
        thing.id for portal in world.portals.values() for thing in portal["ticket"].values()
    }
    return everywhere - _readable(world, role)


def _readable(world: World, role: str) -> set[str]:
    """What the table says, applied to what the other roles of the portal have asked for too."""
    seen, _ = seen_and_hidden(world, role, "ticket")
    portal = world.portal_of(role)
    for name, thing in portal["ticket"].items():
        column, _, owner = name.partition(":")
        if not owner or owner == role:
            continue
        reader = law.TICKETS[role]
        like = {"own": "acme", "own confidential": "confidential"}[column]
        if owner == "participant" and column == "own":
            like = "globex"
        if reader[like] != "-":
            seen.add(thing.id)
    return seen


@pytest.mark.parametrize("role", ROLES)
async def test_the_list_of_tickets_is_what_the_law_says(world: World, role: str) -> None:
    client = await world.client(role)
    found = {ticket["id"] for ticket in await all_of(client, "/v1/tickets")}
    assert found == _readable(world, role)


@pytest.mark.parametrize("role", ROLES)
async def test_no_sort_shows_or_misses_a_ticket(world: World, role: str) -> None:
    client = await world.client(role)
    for sort in SORTS:
        found: list[str] = []
        path = f"/v1/tickets?sort={sort}&limit=4"
        cursor = ""
        while True:
            page = (await client.get(path + cursor)).json()
            found += [ticket["id"] for ticket in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert sorted(found) == sorted(_readable(world, role)), sort


def _filters(world: World, role: str) -> list[dict[str, Any]]:
    """Filters that name what is hidden as well as what is seen."""
    portal, abroad = world.portal_of(role), world.foreign_to(role)
    people = [*portal.people.values(), *abroad.people.values()]
    organizations = [
        thing.id for where in (portal, abroad) for thing in where["organization"].values()
    ]
    return [
        {"mine": "true"},
        {"state": "open"},
        {"status_category": ["new", "open", "waiting_customer", "resolved", "closed"]},
        {"department": ["hr", "it", "facilities", "support", "assistenza"]},
        {"department": "hr"},
        {"type": ["hr_request", "question", "support", "guasto"]},
        {"requester": people[:50]},
        {"assignee": people[:50]},
        {"organization": organizations},
        {"created_from": "2000-01-01T00:00:00Z"},
        {"updated_to": "2100-01-01T00:00:00Z"},
        {"q": "ticket"},
        {"q": "confidential"},
        {"q": "word"},
        {"q": "internal"},
        {"q": "private"},
    ]


@pytest.mark.parametrize("role", ROLES)
async def test_no_filter_shows_or_counts_a_ticket_of_others(world: World, role: str) -> None:
    client = await world.client(role)
    hidden = tickets_of_others(world, role)
    for asked in _filters(world, role):
        path = f"/v1/tickets?{urlencode(asked, doseq=True)}"
        found = {ticket["id"] for ticket in await all_of(client, path)}
        assert found & hidden == set(), asked


@pytest.mark.parametrize("role", ROLES)
async def test_what_only_hidden_tickets_have_finds_as_much_as_what_none_has(
    world: World, role: str
) -> None:
    client = await world.client(role)
    portal = world.portal_of(role)
    seen = _readable(world, role)
    if portal["ticket"].get("confidential") and portal["ticket"]["confidential"].id not in seen:
        for key in ("department=facilities", "department=no-such"):
            if portal["ticket"]["elsewhere"].id not in seen:
                assert await all_of(client, f"/v1/tickets?{key}") == []
    abroad = world.foreign_to(role)
    for value in (abroad.people["member2@acme.example"], abroad["organization"]["acme"].id):
        assert await all_of(client, f"/v1/tickets?requester={value}") == []
        assert await all_of(client, f"/v1/tickets?organization={value}") == []


@pytest.mark.parametrize("role", law.CUSTOMERS)
async def test_customers_neither_filter_nor_sort_by_what_they_are_not_shown(
    world: World, role: str
) -> None:
    client = await world.client(role)
    for asked in ("team=helpdesk", "team=no-such", "sort=team", "sort=-team"):
        answer = await client.get(f"/v1/tickets?{asked}")
        assert (answer.status_code, answer.json()["code"]) == (422, "not-for-customers"), asked


@pytest.mark.parametrize("role", ROLES)
async def test_lists_on_a_ticket_hold_what_the_law_says(world: World, role: str) -> None:
    client = await world.client(role)
    for kind, path in (("comment", "comments"), ("attachment", "attachments")):
        seen, hidden = seen_and_hidden(world, role, kind)
        for name, ticket, level in cases(world, role, "ticket"):
            if level == "-":
                continue
            listed = await all_of(client, f"/v1/tickets/{ticket.id}/{path}")
            found = {each["id"] for each in listed}
            here = {
                thing.id
                for called, thing, may in cases(world, role, kind)
                if may != "-"
                and called.startswith(name)
                and not called.endswith("/upload")
                and (called == name or called.startswith(f"{name}/"))
            }
            assert here <= found, (name, kind)
            assert found & hidden == set(), (name, kind)
            assert seen >= here


@pytest.mark.parametrize("role", ROLES)
async def test_files_named_in_a_conversation_are_those_one_may_fetch(
    world: World, role: str
) -> None:
    client = await world.client(role)
    _, hidden = seen_and_hidden(world, role, "attachment")
    for _, ticket, level in cases(world, role, "ticket"):
        if level != "-":
            for comment in await all_of(client, f"/v1/tickets/{ticket.id}/comments"):
                assert {file["id"] for file in comment["attachments"]} & hidden == set()


@pytest.mark.parametrize("role", ROLES)
async def test_history_does_not_tell_of_what_is_hidden(world: World, role: str) -> None:
    client = await world.client(role)
    hidden: set[str] = set()
    for kind in ("comment", "attachment"):
        hidden |= seen_and_hidden(world, role, kind)[1]
    for name, ticket, level in cases(world, role, "ticket"):
        if level == "-":
            continue
        events = await all_of(client, f"/v1/tickets/{ticket.id}/history", total=False)
        assert any(event["event"] == "ticket.opened" for event in events), name
        about = {event["subject_id"] for event in events}
        about |= {str(value) for event in events for value in event["data"].values()}
        assert about & hidden == set(), name
        if role in law.CUSTOMERS:
            assert not any({"team", "team_before"} & event["data"].keys() for event in events)


async def test_whoever_comes_from_elsewhere_is_told_nothing_of_rights(world: World) -> None:
    client = await world.client("participant")
    shared = world.portal_of("participant")["ticket"]["shared"]
    events = await all_of(client, f"/v1/tickets/{shared.id}/history", total=False)
    assert not any("participant" in event["event"] for event in events)
    access = (await client.get(f"/v1/tickets/{shared.id}/access")).json()
    assert {entry["rule"] for entry in access["items"]} <= {"requester", "participant"}
    assert {entry["role"] for entry in access["items"]} == {None}
    ticket = (await client.get(f"/v1/tickets/{shared.id}")).json()
    assert ticket["organization"]["name"] is None


@pytest.mark.parametrize("role", ROLES)
async def test_lists_of_people_and_organizations_hold_what_the_law_says(
    world: World, role: str
) -> None:
    client = await world.client(role)
    for kind, path in (("person", "/v1/people"), ("organization", "/v1/organizations")):
        seen, hidden = seen_and_hidden(world, role, kind)
        for asked in ("?sort=name", "?sort=-name", "?sort=created_at"):
            found = {each["id"] for each in await all_of(client, path + asked, total=False)}
            assert seen <= found
            assert found & hidden == set()


@pytest.mark.parametrize("role", law.CUSTOMERS)
async def test_an_address_finds_only_whom_one_may_read(world: World, role: str) -> None:
    client = await world.client(role)
    seen, _ = seen_and_hidden(world, role, "person")
    for address in world.portal_of(role).people:
        listed = await all_of(client, f"/v1/people?{urlencode({'email': address})}", total=False)
        found = {person["id"] for person in listed}
        assert found <= seen | {world.portal_of(role).people["member@acme.example"]}
        if role != "company admin":
            assert found <= seen


@pytest.mark.parametrize("role", ROLES)
async def test_members_are_those_one_may_read(world: World, role: str) -> None:
    client = await world.client(role)
    _, hidden = seen_and_hidden(world, role, "person")
    for _, organization, level in cases(world, role, "organization"):
        if level == "-":
            continue
        path = f"/v1/organizations/{organization.id}/members?limit=100"
        members = (await client.get(path)).json()["items"]
        found = {member["person"]["id"] for member in members}
        assert found
        assert found & hidden == set()
