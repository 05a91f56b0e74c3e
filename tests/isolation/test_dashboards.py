"""Dashboards count what the law lets somebody read, each ticket once, and lead to just that."""

import re
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.isolation import law
from tests.isolation.asking import all_of
from tests.isolation.world import ROLES, Client, World

#: Who counts a whole organization's tickets.
COUNTS_ALL = ("company reader", "company admin", *law.AGENTS)


async def _dashboard(client: Client, **asked: Any) -> dict[str, Any]:
    answer = await client.get(f"/v1/dashboards/tickets?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def _in_progress(client: Client, query: str = "") -> list[dict[str, Any]]:
    """What the caller's own list says is not closed, counted here and not by PostgreSQL."""
    found = await all_of(client, f"/v1/tickets?sort=number{query}")
    return [ticket for ticket in found if ticket["status"]["category"] != "closed"]


def _figures(tally: dict[str, Any]) -> dict[str, int]:
    return {each["key"]: each["count"] for each in tally["by_status"] if each["count"]}


def _by_status(tickets: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(ticket["status"]["key"] for ticket in tickets))


async def _organizations_of(client: Client) -> list[str]:
    me = (await client.get("/v1/me")).json()
    return [each["organization"]["id"] for each in me["memberships"]]


@pytest.mark.parametrize("role", ROLES)
async def test_what_is_counted_is_what_may_be_read(world: World, role: str) -> None:
    """S4-8, S4-12, S4-13: confidential and private tickets, those of others, and those somebody
    may read for two reasons."""
    client = await world.client(role)
    readable = await _in_progress(client)
    told = await _dashboard(client)
    assert _figures(told["mine"]) == _by_status(await _in_progress(client, "&mine=true"))
    if role not in COUNTS_ALL:
        assert told["organization"] is None
        return
    if role in law.CUSTOMERS:
        homes = await _organizations_of(client)
        readable = [each for each in readable if each["organization"]["id"] in homes]
    assert readable or role == "agent elsewhere"
    assert _figures(told["organization"]) == _by_status(readable)
    assert told["organization"]["total"] == len(readable)


@pytest.mark.parametrize("role", ROLES)
async def test_every_figure_leads_to_as_many_tickets(world: World, role: str) -> None:
    client = await world.client(role)
    told = await _dashboard(client)
    for tally in filter(None, (told["organization"], told["mine"])):
        assert len(await all_of(client, tally["href"])) == tally["total"]
        for figure in tally["by_status"]:
            found = await all_of(client, figure["href"])
            assert len(found) == figure["count"], figure
            assert {ticket["status"]["key"] for ticket in found} <= {figure["key"]}


@pytest.mark.parametrize("role", ROLES)
async def test_the_desk_is_for_agents_and_every_tile_leads_to_its_tickets(
    world: World, role: str
) -> None:
    client = await world.client(role)
    answer = await client.get("/v1/dashboards/desk")
    told = answer.json()
    if role in law.CUSTOMERS:
        assert (answer.status_code, told["code"]) == (403, "forbidden")
        return
    readable = await _in_progress(client)
    assert told["total"] == len(readable) == len(await all_of(client, told["href"]))
    assert sum(tile["count"] for tile in told["ages"]) == len(readable)
    for tile in (*told["queues"], *told["ages"]):
        found = await all_of(client, tile["href"])
        assert len(found) == tile["count"], tile
    tiles = {tile["key"]: tile["count"] for tile in told["queues"]}
    assert tiles["unassigned"] == sum(ticket["assignee"] is None for ticket in readable)


@pytest.mark.parametrize("role", ROLES)
async def test_the_picture_says_the_same_figures(world: World, role: str) -> None:
    client = await world.client(role)
    told = await _dashboard(client)
    for scope in ("organization", "mine"):
        answer = await client.get(f"/v1/dashboards/tickets.svg?scope={scope}")
        if told[scope] is None:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            continue
        assert answer.status_code == 200
        described = re.search(r"<desc [^>]*>(.*)</desc>", answer.text)
        assert described is not None
        for figure in told[scope]["by_status"]:
            assert f"{figure['label']}: {figure['count']}." in described[1]


@pytest.mark.parametrize("role", ROLES)
async def test_naming_an_organization_opens_none(world: World, role: str) -> None:
    """What is another tenant's, another organization's or nobody's is answered alike."""
    client = await world.client(role)
    homes = await _organizations_of(client) if role in law.CUSTOMERS else []
    abroad = world.foreign_to(role)["organization"].values()
    there = [*abroad, *world.portal_of(role)["organization"].values()]
    for thing in there:
        told = await _dashboard(client, organization=thing.id)
        visible = await _in_progress(client, f"&organization={thing.id}")
        if role in law.AGENTS or (thing.id in homes and role in COUNTS_ALL):
            assert told["organization"]["total"] == len(visible)
        else:
            assert told["organization"] is None
        drawn = await client.get(
            f"/v1/dashboards/tickets.svg?scope=organization&organization={thing.id}"
        )
        assert drawn.status_code == (403 if told["organization"] is None else 200)
        assert told["mine"]["total"] <= len(visible)
