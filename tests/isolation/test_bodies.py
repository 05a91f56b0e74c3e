"""What a body names is as foreign as what a path names: another's is answered as what is not."""

from typing import Any
from uuid import uuid4

import pytest

from tests.isolation import law
from tests.isolation.asking import told
from tests.isolation.world import KEPT_AS, Client, World, uploaded


async def alike(client: Client, method: str, path: str, foreign: Any, random: Any) -> int:
    """Ask with a foreign and with a random id; both are told the same. Answers the status."""
    headers = {}
    if method == "PATCH":
        headers["If-Match"] = (await client.get(path)).headers["etag"]
    first = await client.request(method, path, json=foreign, headers=headers)
    second = await client.request(method, path, json=random, headers=headers)
    assert told(first) == told(second)
    return first.status_code


def _foreign_files(world: World, role: str) -> list[str]:
    portal, abroad = world.portal_of(role), world.foreign_to(role)
    names: tuple[str, ...] = (
        "acme",
        "acme/public",
        "acme/internal",
        "acme/upload",
        "globex/upload",
    )
    if role == "lead":  # who wrote that note himself
        names = tuple(name for name in names if name != "acme/internal")
    return [
        *(portal["attachment"][name].id for name in names),
        abroad["attachment"]["acme/upload"].id,
    ]


@pytest.mark.parametrize("role", ["member", "participant", "agent", "lead", "user"])
async def test_nobody_hangs_up_what_another_uploaded(world: World, role: str) -> None:
    client = await world.client(role)
    portal = world.portal_of(role)
    ticket = portal["ticket"].get(f"own:{role}", portal["ticket"]["acme"])
    for file in _foreign_files(world, role):
        foreign, random = {"attachment_ids": [file]}, {"attachment_ids": [str(uuid4())]}
        place = f"/v1/tickets/{ticket.id}"
        assert await alike(client, "POST", f"{place}/attachments", foreign, random) == 422
        foreign["body"] = random["body"] = "See the file."  # type: ignore[assignment]
        assert await alike(client, "POST", f"{place}/comments", foreign, random) == 422


@pytest.mark.parametrize("role", ["member", "company admin"])
async def test_a_customer_opens_tickets_in_his_own_name_and_organization(
    world: World, role: str
) -> None:
    client = await world.client(role)
    portal, abroad = world.portal_of(role), world.foreign_to(role)
    form = (
        {"type": "support", "description": "How?"}
        if portal.slug == "crm-service"
        else {"form": "it_question", "type": "question"}
    )
    new = {"subject": "Mine", **form}
    people = (portal.people["member2@acme.example"], abroad.people["member@acme.example"])
    for person in people:
        foreign, random = {**new, "on_behalf_of": person}, {**new, "on_behalf_of": str(uuid4())}
        assert await alike(client, "POST", "/v1/tickets", foreign, random) == 422
    for where in (portal["organization"]["globex"], abroad["organization"]["acme"]):
        foreign, random = {**new, "organization": where.id}, {**new, "organization": str(uuid4())}
        assert await alike(client, "POST", "/v1/tickets", foreign, random) == 422
    file = world.foreign_to(role)["attachment"]["acme/upload"].id
    with_his: dict[str, Any] = {**new, "attachment_ids": [file]}
    with_none: dict[str, Any] = {**new, "attachment_ids": [str(uuid4())]}
    assert await alike(client, "POST", "/v1/tickets", with_his, with_none) == 422


async def test_an_agent_opens_for_customers_of_his_own_tenant(world: World) -> None:
    client = await world.client("agent")
    portal, abroad = world.portal_of("agent"), world.foreign_to("agent")
    new = {"subject": "Theirs", "form": "it_question", "type": "question"}
    for person in (abroad.people["member@acme.example"], portal.people["lead@sensedesk.example"]):
        foreign, random = {**new, "on_behalf_of": person}, {**new, "on_behalf_of": str(uuid4())}
        assert await alike(client, "POST", "/v1/tickets", foreign, random) == 422
    new["on_behalf_of"] = portal.people["member@acme.example"]
    for where in (portal["organization"]["globex"], abroad["organization"]["acme"]):
        foreign, random = {**new, "organization": where.id}, {**new, "organization": str(uuid4())}
        assert await alike(client, "POST", "/v1/tickets", foreign, random) == 422


@pytest.mark.parametrize(
    ("role", "form"),
    [
        ("agent", {"form": "hr_matter", "type": "hr_request", "description": "Theirs."}),
        ("department agent", {"form": "hr_matter", "type": "hr_request", "description": "Theirs."}),
        (
            "department agent",
            {"form": "building", "type": "question", "fields": {"room": "12"}},
        ),
    ],
)
async def test_an_agent_opens_nothing_where_he_would_not_see_it(
    world: World, role: str, form: dict[str, Any]
) -> None:
    client = await world.client(role)
    member = world.portal_of(role).people["member@acme.example"]
    new = {"subject": "Theirs", "on_behalf_of": member, **form}
    answer = await client.post("/v1/tickets", json=new)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/form")


async def test_tickets_are_given_to_agents_of_the_tenant_who_may_read_them(world: World) -> None:
    client = await world.client("lead")
    portal, abroad = world.portal_of("lead"), world.foreign_to("lead")
    ticket = f"/v1/tickets/{portal['ticket']['confidential'].id}"
    for person in (
        abroad["person"]["agent"].id,
        portal.people["member@acme.example"],
        portal.people["agent@sensedesk.example"],
    ):
        foreign, random = {"assignee": person}, {"assignee": str(uuid4())}
        assert await alike(client, "PATCH", ticket, foreign, random) == 422
    assert await alike(client, "PATCH", ticket, {"team": "helpdesk"}, {"team": "no-such"}) == 422


async def test_the_name_another_system_has_for_a_ticket_opens_it_to_those_who_see_it(
    world: World,
) -> None:
    source, key = KEPT_AS
    place, nowhere = f"/v1/tickets/by-reference/{source}/", uuid4()
    seen = []
    for role in (*law.CUSTOMERS, *law.AGENTS):
        client = await world.client(role)
        answer = await client.get(f"{place}{key}")
        if answer.is_success:
            seen.append(role)
        else:
            assert told(answer) == told(await client.get(f"{place}{nowhere}")), role
    assert seen == ["confidant", "lead", "tenant admin"]
    for role in ("company admin", "agent"):
        client = await world.client(role)
        taken = await client.put(f"{place}{key}", json={"subject": "Mine now"})
        assert taken.is_client_error, role
    nobody = await world.client("nobody")
    assert (await nobody.get(f"{place}{key}")).status_code == 401
    assert (await nobody.put(f"{place}{key}", json={})).status_code == 401


@pytest.mark.parametrize("role", ["company admin", "agent"])
async def test_whoever_is_let_in_belongs_to_the_tenant(world: World, role: str) -> None:
    client = await world.client(role)
    ticket = f"/v1/tickets/{world.portal_of(role)['ticket']['acme'].id}/participants"
    strangers = [world.foreign_to(role).people["member@acme.example"]]
    if role == "company admin":
        strangers.append(world.portal_of(role).people["member@globex.example"])
    for person in strangers:
        foreign, random = {"person": person}, {"person": str(uuid4())}
        assert await alike(client, "POST", ticket, foreign, random) == 422
    foreign, random = {"email": "member@globex.example"}, {"email": "who@nowhere.example"}
    if role == "company admin":
        assert await alike(client, "POST", ticket, foreign, random) == 422


@pytest.mark.parametrize("role", ["company admin", "agent", "member"])
async def test_members_are_put_where_both_may_be_seen(world: World, role: str) -> None:
    client = await world.client(role)
    portal, abroad = world.portal_of(role), world.foreign_to(role)
    given = "perus" if portal.slug == "crm-service" else "end_user"
    here = portal["organization"]["acme"].id
    places = [
        (here, abroad["person"]["colleague"].id),
        (abroad["organization"]["acme"].id, portal["person"]["colleague"].id),
    ]
    if role != "agent":
        places.append((here, portal["person"]["stranger"].id))
        places.append((portal["organization"]["globex"].id, portal["person"]["stranger"].id))
    for organization, person in places:
        known = here if organization == here else str(uuid4())
        unknown = str(uuid4()) if organization == here else person
        for method, body in (("PUT", {"role": given}), ("DELETE", None)):
            first = await client.request(
                method, f"/v1/organizations/{organization}/members/{person}", json=body
            )
            second = await client.request(
                method, f"/v1/organizations/{known}/members/{unknown}", json=body
            )
            assert first.status_code == 404
            assert told(first) == told(second)


async def test_a_company_admin_sets_the_roles_of_his_colleagues_alone(world: World) -> None:
    client = await world.client("company admin")
    portal = world.portal_of("company admin")
    acme = f"/v1/organizations/{portal['organization']['acme'].id}/members"
    colleague = portal["person"]["colleague"].id
    answer = await client.put(f"{acme}/{colleague}", json={"role": "end_user"})
    assert answer.status_code == 200
    himself = portal["person"]["self:company admin"].id
    assert (await client.put(f"{acme}/{himself}", json={"role": "end_user"})).status_code == 403
    assert (await client.delete(f"{acme}/{himself}")).status_code == 403


@pytest.mark.parametrize("role", law.CUSTOMERS)
async def test_customers_make_neither_people_nor_organizations(world: World, role: str) -> None:
    client = await world.client(role)
    person = {"name": "Somebody", "email": f"{uuid4()}@acme.example"}
    assert (await client.post("/v1/people", json=person)).status_code == 403
    assert (await client.post("/v1/organizations", json={"name": "Mine"})).status_code == 403


@pytest.mark.parametrize("role", ["agent", "department agent", "confidant"])
async def test_agents_without_that_right_make_no_agents(world: World, role: str) -> None:
    client = await world.client(role)
    address = f"{uuid4()}@sensedesk.example"
    agent = {"name": "Somebody", "email": address, "side": "agent", "role": "agent"}
    assert (await client.post("/v1/people", json=agent)).status_code == 403


async def test_an_upload_is_everybodys_right_who_writes_anywhere(world: World) -> None:
    for role in (*law.CUSTOMERS, *law.AGENTS):
        assert await uploaded(await world.client(role))
