"""Organizations over HTTP: made and changed by agents, seen by their members."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient, Response

from tests.desk import Desk
from tests.factories.people import newcomer, signed_in
from tests.factories.tickets import opened
from tests.refusals import refusal

PATH = "/v1/organizations"


async def make(client: AsyncClient, **more: Any) -> Response:
    return await client.post(PATH, json={"name": "New Oy", **more})


async def change(client: AsyncClient, organization: str, **changes: Any) -> Response:
    tag = (await client.get(f"{PATH}/{organization}")).headers["etag"]
    return await client.patch(f"{PATH}/{organization}", json=changes, headers={"If-Match": tag})


def reference() -> dict[str, str]:
    return {"source": "crm", "key": uuid4().hex}


async def test_an_agent_makes_an_organization(agent: AsyncClient) -> None:
    told = {"name": " Kvarn &  Söner AB ", "external_ref": reference()}
    answer = await agent.post(PATH, json=told)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["state"]) == ("Kvarn & Söner AB", "active")
    assert made["external_ref"] == told["external_ref"]
    assert answer.headers["location"] == f"{PATH}/{made['id']}"
    shown = await agent.get(answer.headers["location"])
    assert (shown.json(), shown.headers["etag"]) == (made, answer.headers["etag"])


async def test_customers_make_and_change_no_organization(
    company_admin: AsyncClient, member: AsyncClient
) -> None:
    (own,) = (await company_admin.get(PATH)).json()["items"]
    for client in (company_admin, member):
        assert refusal(await make(client)) == (403, "forbidden")
        assert refusal(await change(client, own["id"], name="Ours")) == (403, "forbidden")


async def test_members_see_their_own_organizations_alone(
    company_admin: AsyncClient, stranger: AsyncClient
) -> None:
    (own,) = (await company_admin.get(PATH)).json()["items"]
    assert own["name"] == "Acme Oy"
    hidden = await stranger.get(f"{PATH}/{own['id']}")
    unknown = await stranger.get(f"{PATH}/{uuid4()}")
    assert refusal(hidden) == (404, "organization-not-found")
    assert {**hidden.json(), "instance": ""} == {**unknown.json(), "instance": ""}


async def test_an_external_reference_names_one_organization(agent: AsyncClient) -> None:
    """S3-22."""
    taken = reference()
    first = await make(agent, external_ref=taken)
    other = (await make(agent)).json()["id"]
    for answer in (
        await make(agent, external_ref=taken),
        await change(agent, other, external_ref=taken),
    ):
        assert refusal(answer) == (409, "organization-reference-taken")
        assert answer.json()["errors"][0]["pointer"] == "/external_ref"
    kept = await change(agent, first.json()["id"], external_ref=taken, name="Same")
    assert kept.status_code == 200
    freed = await change(agent, first.json()["id"], external_ref=None)
    assert freed.json()["external_ref"] is None
    assert (await change(agent, other, external_ref=taken)).status_code == 200


async def test_of_two_who_take_a_reference_at_once_one_gets_it(agent: AsyncClient) -> None:
    for _ in range(3):
        taken = reference()
        answers = await asyncio.gather(*(make(agent, external_ref=taken) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        taken, others = reference(), [(await make(agent)).json()["id"] for _ in range(2)]
        answers = await asyncio.gather(
            *(change(agent, other, external_ref=taken) for other in others)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_change_says_which_version_it_changes(agent: AsyncClient) -> None:
    made = await make(agent)
    path, tag = f"{PATH}/{made.json()['id']}", made.headers["etag"]
    assert (await agent.patch(path, json={"name": "X"})).status_code == 428
    fresh = await agent.patch(path, json={"name": "X"}, headers={"If-Match": tag})
    assert fresh.status_code == 200
    stale = await agent.patch(path, json={"name": "Y"}, headers={"If-Match": tag})
    assert refusal(stale) == (412, "stale")
    same = await agent.get(path, headers={"If-None-Match": fresh.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    nothing = await change(agent, made.json()["id"], name="X")
    assert nothing.headers["etag"] == fresh.headers["etag"]


@pytest.mark.parametrize(
    "sent",
    [
        {"name": None},
        {"name": " "},
        {"name": "a\u202eb"},
        {"name": "N" * 201},
        {"state": None},
        {"state": "closed"},
        {"external_ref": {"source": "crm", "key": "with space"}},
        {"external_ref": {"source": "crm"}},
        {"tenant_id": str(uuid4())},
    ],
)
async def test_what_cannot_be_kept_is_refused_with_its_place(
    agent: AsyncClient, sent: dict[str, Any]
) -> None:
    made = (await make(agent)).json()
    answer = await change(agent, made["id"], **sent)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"].startswith(f"/{next(iter(sent))}")
    assert (await agent.get(f"{PATH}/{made['id']}")).json() == made


async def test_an_inactive_organization_is_closed_to_its_members_and_keeps_its_tickets(
    desk: Desk, agent: AsyncClient
) -> None:
    somebody = await newcomer(desk, role="paakayttaja")
    assert somebody.organization
    client = await signed_in(desk, somebody)
    ticket = await opened(client)
    closed = await change(agent, somebody.organization, state="inactive")
    assert closed.json()["state"] == "inactive"
    assert (await client.get(f"/v1/tickets/{ticket['id']}")).status_code == 404
    assert (await client.get(f"{PATH}/{somebody.organization}")).status_code == 404
    assert (await client.get("/v1/me")).json()["permissions"] == []
    assert (await client.post("/v1/tickets", json={"type": "bug", "subject": "x"})).status_code in {
        403,
        422,
    }
    assert (await agent.get(f"/v1/tickets/{ticket['id']}")).status_code == 200
    await change(agent, somebody.organization, state="active")
    assert (await client.get(f"/v1/tickets/{ticket['id']}")).status_code == 200


async def test_organizations_are_listed_page_by_page_in_either_order(agent: AsyncClient) -> None:
    for name in ("Zeta Oy", "alfa Oy", "Österbottens Ab"):
        await make(agent, name=name)
    for order, reverse in (("name", False), ("-name", True), ("created_at", False)):
        seen, cursor = [], None
        for _ in range(5):
            query = {"sort": order, "limit": "2", **({"cursor": cursor} if cursor else {})}
            answer = await agent.get(PATH, params=query)
            seen += answer.json()["items"]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                break
        assert len({item["id"] for item in seen}) == len(seen)
        key = order.lstrip("-")
        if key == "created_at":
            values = [item[key] for item in seen]
        else:
            values = [item[key].casefold().replace("ö", "{") for item in seen]
        assert values == sorted(values, reverse=reverse)


async def test_lists_narrow_by_state(agent: AsyncClient) -> None:
    made = (await make(agent)).json()["id"]
    await change(agent, made, state="inactive")
    answer = await agent.get(PATH, params={"state": "inactive", "limit": 100})
    states = {item["id"]: item["state"] for item in answer.json()["items"]}
    assert states[made] == "inactive"
    assert set(states.values()) == {"inactive"}
