"""Organizations and people by another system's name for them (S3-22)."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.keys import calling, key_of
from tests.factories.people import new_address

Client = httpx2.AsyncClient
NOUNS = ("organizations", "people")


@pytest.fixture
def key() -> str:
    return f"A-{uuid4().hex[:12]}"


def told(noun: str, **more: Any) -> dict[str, Any]:
    """What another system says of one of these."""
    if noun == "organizations":
        return {"name": "Initech Oy", **more}
    return {"name": "Contact of Initech", "email": new_address(), **more}


async def put(
    client: Client, noun: str, key: str, body: dict[str, Any], **headers: str
) -> httpx2.Response:
    return await client.put(f"/v1/{noun}/by-reference/crm/{key}", json=body, headers=headers)


@pytest.mark.parametrize("noun", NOUNS)
async def test_the_first_time_makes_and_every_other_time_brings_up_to_date(
    agent: Client, noun: str, key: str
) -> None:
    said = told(noun)
    first = await put(agent, noun, key, said)
    assert first.status_code == 201, first.text
    made = first.json()
    assert made["external_ref"] == {"source": "crm", "key": key}
    assert first.headers["Location"] == f"/v1/{noun}/{made['id']}"
    same = await put(agent, noun, key, said)
    assert (same.status_code, same.headers["ETag"]) == (200, first.headers["ETag"])
    changed = await put(agent, noun, key, {**said, "name": "Initech AB"})
    assert changed.status_code == 200
    assert (changed.json()["id"], changed.json()["name"]) == (made["id"], "Initech AB")
    stale = await put(agent, noun, key, said, **{"If-Match": first.headers["ETag"]})
    assert stale.status_code == 412


@pytest.mark.parametrize("noun", NOUNS)
async def test_twenty_at_once_make_one(agent: Client, noun: str, key: str) -> None:
    said = told(noun)
    answers = await asyncio.gather(*(put(agent, noun, key, said) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_list_finds_the_one_that_is_called_so(agent: Client, noun: str, key: str) -> None:
    made = (await put(agent, noun, key, told(noun))).json()
    found = await agent.get(f"/v1/{noun}", params={"external_ref": f"crm:{key}"})
    assert [each["id"] for each in found.json()["items"]] == [made["id"]]
    other = await agent.get(f"/v1/{noun}", params={"external_ref": f"erp:{key}"})
    assert other.json()["items"] == []
    assert (await agent.get(f"/v1/{noun}?external_ref={key}")).status_code == 422


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_reference_names_one(agent: Client, noun: str, key: str) -> None:
    made = await put(agent, noun, key, told(noun))
    other = await put(agent, noun, f"{key}-2", told(noun))
    tag = {"If-Match": other.headers["ETag"]}
    place, reference = f"/v1/{noun}/{other.json()['id']}", {"source": "crm", "key": key}
    taken = await agent.patch(place, json={"external_ref": reference}, headers=tag)
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (409, "/external_ref")
    also = await agent.post(f"/v1/{noun}", json=told(noun, external_ref=reference))
    assert also.status_code == 409
    cleared = await agent.patch(place, json={"external_ref": None}, headers=tag)
    assert cleared.json()["external_ref"] is None
    assert (await agent.get(f"/v1/{noun}/{made.json()['id']}")).json()["external_ref"] == reference


@pytest.mark.parametrize("noun", NOUNS)
async def test_customers_keep_none_in_step(company_admin: Client, noun: str, key: str) -> None:
    refused = await put(company_admin, noun, key, told(noun))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_an_organization_is_closed_and_opened_again(agent: Client, key: str) -> None:
    await put(agent, "organizations", key, told("organizations"))
    closed = await put(agent, "organizations", key, told("organizations", state="inactive"))
    assert closed.json()["state"] == "inactive"
    assert (await put(agent, "organizations", key, told("organizations"))).json()["state"] == (
        "inactive"
    )


async def test_somebody_who_is_there_already_is_given_his_reference(
    agent: Client, key: str
) -> None:
    said = told("people")
    made = await agent.post("/v1/people", json=said)
    taken = await put(agent, "people", key, said)
    assert (taken.status_code, taken.json()["code"]) == (409, "email-taken")
    place = f"/v1/people/{made.json()['id']}"
    named = {"external_ref": {"source": "crm", "key": key}}
    given = await agent.patch(place, json=named, headers={"If-Match": made.headers["ETag"]})
    assert given.status_code == 200, given.text
    kept = await put(agent, "people", key, {**said, "phone": "+358401234567"})
    assert (kept.status_code, kept.json()["id"]) == (200, made.json()["id"])
    assert kept.json()["phone"] == "+358401234567"


async def test_customers_are_not_told_how_others_call_them(
    agent: Client, company_admin: Client, key: str
) -> None:
    oneself = (await company_admin.get("/v1/me")).json()["id"]
    before = await agent.get(f"/v1/people/{oneself}")
    named = {"external_ref": {"source": "crm", "key": key}}
    given = await agent.patch(
        f"/v1/people/{oneself}", json=named, headers={"If-Match": before.headers["ETag"]}
    )
    assert given.json()["external_ref"]["key"] == key
    assert (await company_admin.get("/v1/me")).json()["external_ref"] is None
    found = await company_admin.get("/v1/people", params={"external_ref": f"crm:{key}"})
    assert found.json()["items"] == []


async def test_a_key_of_one_organization_makes_no_other(
    desk: Desk, agent: Client, key: str
) -> None:
    mine = (await put(agent, "organizations", key, told("organizations"))).json()["id"]
    administrator = await desk.client("admin@crm.example")
    made = await key_of(
        administrator, "organizations:read", "organizations:write", organization=mine
    )
    script = calling(desk, made)
    renamed = await put(script, "organizations", key, {"name": "Initech AB"})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Initech AB")
    outside = await put(script, "organizations", f"{key}-2", {"name": "Another"})
    assert (outside.status_code, outside.json()["code"]) == (403, "outside-organization")
    other = await put(agent, "organizations", f"{key}-3", told("organizations"))
    assert other.status_code == 201
    foreign = await put(script, "organizations", f"{key}-3", {"name": "Mine now"})
    assert (foreign.status_code, foreign.json()["code"]) == (409, "organization-reference-taken")
