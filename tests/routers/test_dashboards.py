"""Dashboards over HTTP: every status in its order, each ticket once, and a picture of it."""

from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from httpx2 import AsyncClient

from app.kernel import locale
from tests.desk import Desk
from tests.factories.tickets import Shown, changed, cloned, codes, opened, person_of

DASHBOARD = "/v1/dashboards/tickets"
PICTURE = f"{DASHBOARD}.svg"
SVG = "{http://www.w3.org/2000/svg}"
STATUSES = [
    "new",
    "in_progress",
    "waiting_crm_team",
    "waiting_customer",
    "waiting_third_party",
    "resolved",
]


async def told_to(client: AsyncClient, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"{DASHBOARD}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def figures(tally: dict[str, Any]) -> dict[str, int]:
    return {each["key"]: each["count"] for each in tally["by_status"]}


async def test_every_status_is_there_in_the_portals_order_with_its_colour(
    company_admin: AsyncClient,
) -> None:
    """S4-8, S4-9; what is closed is not in progress."""
    catalogue = (await company_admin.get("/v1/catalogue")).json()
    told = await told_to(company_admin)
    for tally in (told["organization"], told["mine"]):
        assert list(figures(tally)) == STATUSES
        shown = [{**each} for each in tally["by_status"]]
        for each in shown:
            del each["count"], each["href"]
        assert shown == [each for each in catalogue["statuses"] if each["category"] != "closed"]
        assert tally["total"] == sum(figures(tally).values())


async def test_a_ticket_is_counted_once_for_whoever_may_read_it_twice(
    desk: Desk, company_admin: AsyncClient, member: AsyncClient
) -> None:
    before = await told_to(company_admin)
    ticket = await opened(member)
    me = await person_of(desk, "company-admin@acme.example")
    added = await member.post(
        f"/v1/tickets/{ticket['id']}/participants", json={"email": me["email"]}
    )
    assert added.status_code == 201, added.text
    after = await told_to(company_admin)
    for scope in ("organization", "mine"):
        assert figures(after[scope])["new"] == figures(before[scope])["new"] + 1


async def test_closed_and_private_ones_of_others_are_not_counted(
    company_admin: AsyncClient, colleague: AsyncClient, agent: AsyncClient
) -> None:
    before = await told_to(company_admin)
    await opened(colleague, private=True)
    closed = await opened(colleague)
    moved = await agent.post(
        f"/v1/tickets/{closed['id']}/transitions", json={"transition": "close"}
    )
    assert moved.status_code == 200, moved.text
    assert await told_to(company_admin) == before
    own = await told_to(colleague)
    assert own["organization"] is None
    assert figures(own["mine"])["new"] >= 1


async def test_an_agents_own_are_those_he_has_and_he_may_name_an_organization(
    desk: Desk, agent: AsyncClient, member: AsyncClient
) -> None:
    me = await person_of(desk, "agent@crm.example")
    ticket = await opened(member)
    home, before = ticket["organization"]["id"], await told_to(agent)
    assert (await changed(agent, ticket, assignee=me["id"])).status_code == 200
    after = await told_to(agent)
    assert after["mine"]["total"] == before["mine"]["total"] + 1
    assert after["organization"]["total"] == before["organization"]["total"]
    narrowed = await told_to(agent, f"?organization={home}")
    assert 0 < narrowed["organization"]["total"] <= after["organization"]["total"]
    assert home in narrowed["organization"]["href"]


@pytest.mark.parametrize("path", [DASHBOARD, PICTURE])
async def test_a_dashboard_that_is_the_same_is_not_sent_again(
    member: AsyncClient, path: str
) -> None:
    held = {"If-None-Match": (await member.get(path)).headers["ETag"]}
    again = await member.get(path, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    await opened(member)
    assert (await member.get(path, headers=held)).status_code == 200


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        (f"{DASHBOARD}?organization=acme", "organization"),
        (f"{DASHBOARD}?scope=mine", "scope"),
        (f"{PICTURE}?scope=everybody", "scope"),
        (f"{PICTURE}?theme=%3Cscript%3E", "theme"),
        (f"{PICTURE}?width=320", "width"),
        ("/v1/dashboards/desk?organization=x", "organization"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(
    agent: AsyncClient, path: str, parameter: str
) -> None:
    status, code, places = codes(await agent.get(path))
    assert (status, code) == (422, "invalid-input")
    assert [place.partition("/")[0] for place, _ in places] == [parameter]


async def test_the_picture_is_a_picture_and_nothing_more(member: AsyncClient) -> None:
    answer = await member.get(PICTURE)
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


@pytest.mark.parametrize("language", locale.LANGUAGES)
async def test_the_picture_speaks_the_callers_language(desk: Desk, language: str) -> None:
    password = desk.password_of("member@globex.example")
    client = await desk.sign_in("member@globex.example", password)
    answer = await client.get(PICTURE, headers={"Accept-Language": language})
    root = ET.fromstring(answer.content)  # noqa: S314 (ours)
    spoken = answer.headers["Content-Language"]
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == spoken
    subtitle = locale.translate("In progress, your own", spoken)
    title = root.findtext(f"{SVG}title")
    assert title is not None
    assert title.endswith(subtitle)


async def test_each_age_holds_its_first_and_its_last_moment(
    member: AsyncClient, agent: AsyncClient, superuser: Any
) -> None:
    """Midnight in Helsinki is where one age ends and another begins."""
    like: Shown = await opened(member)
    before = await ages_told(agent)
    told = (await agent.get("/v1/dashboards/desk")).json()["ages"]
    edges = {
        tile["key"]: datetime.fromisoformat(part.partition("=")[2])
        for tile in told
        for part in tile["href"].split("&")
        if part.startswith("created_from")
    }
    assert set(edges) == {"today", "days_1_3", "days_4_7", "days_8_30"}
    moments = [
        moment for edge in edges.values() for moment in (edge, edge - timedelta(microseconds=1))
    ]
    ids = await cloned(superuser, like, [{"created_at": each.isoformat()} for each in moments])
    try:
        after = await ages_told(agent)
        added = {key: after[key] - before[key] for key in after}
        assert added == {"today": 1, "days_1_3": 2, "days_4_7": 2, "days_8_30": 2, "older": 1}
    finally:
        await superuser.execute("DELETE FROM tickets WHERE id = ANY (%s::uuid[])", [ids])


async def ages_told(agent: AsyncClient) -> dict[str, int]:
    told = (await agent.get("/v1/dashboards/desk")).json()
    return {tile["key"]: tile["count"] for tile in told["ages"]}
