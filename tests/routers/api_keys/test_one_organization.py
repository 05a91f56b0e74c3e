"""API keys bound to one organization."""

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.keys import ALL_TICKETS, OWN_TICKETS, calling, key_of
from tests.factories.people import changed, new_address, newcomer, signed_in
from tests.factories.tickets import opened
from tests.refusals import refusal


async def test_an_agents_key_of_one_organization_is_held_there_by_the_wall(
    desk: Desk, lead: AsyncClient, member: AsyncClient
) -> None:
    here = await newcomer(desk)
    mine, theirs = await opened(await signed_in(desk, here)), await opened(member)
    scopes = (
        *ALL_TICKETS,
        "organizations:read",
        "organizations:write",
        "people:read",
        "people:write",
    )
    made = await key_of(lead, *scopes, organization=here.organization)
    assert made["organization"]["id"] == here.organization
    script = calling(desk, made)
    seen = (await script.get("/v1/tickets?limit=100&include=total")).json()
    assert [each["id"] for each in seen["items"]] == [mine["id"]]
    assert seen["total"] == 1
    for path in ("", "/comments", "/history", "/access", "/participants", "/attachments"):
        assert (await script.get(f"/v1/tickets/{theirs['id']}{path}")).status_code == 404
        assert (await script.get(f"/v1/tickets/{mine['id']}{path}")).status_code == 200
    companies = (await script.get("/v1/organizations")).json()["items"]
    assert [each["id"] for each in companies] == [here.organization]
    people = (await script.get("/v1/people?limit=100")).json()["items"]
    assert {each["id"] for each in people} == {
        here.id,
        (await lead.get("/v1/me")).json()["id"],
    }
    made_elsewhere = await script.post("/v1/organizations", json={"name": "New Oy"})
    assert refusal(made_elsewhere) == (403, "outside-organization")
    new = {"name": "New", "email": "new-one@people.example"}
    assert refusal(await script.post("/v1/people", json=new)) == (403, "outside-organization")


async def test_a_key_of_one_organization_takes_over_nobody_who_belongs_to_another(
    desk: Desk, lead: AsyncClient
) -> None:
    who = await newcomer(desk)
    elsewhere = (await newcomer(desk)).organization
    script = calling(
        desk, await key_of(lead, "people:read", "people:write", organization=who.organization)
    )
    assert (await changed(script, who.id, name="Renamed")).status_code == 200
    assert (await changed(script, who.id, email=new_address())).status_code == 200
    at = f"/v1/organizations/{elsewhere}/members/{who.id}"
    assert (await lead.put(at, json={"role": "perus"})).status_code == 200
    before = (await lead.get(f"/v1/people/{who.id}")).json()["email"]
    refused = await changed(script, who.id, email=new_address())
    assert refusal(refused) == (403, "belongs-elsewhere")
    assert (await lead.get(f"/v1/people/{who.id}")).json()["email"] == before
    assert (await changed(script, who.id, name="Renamed again")).status_code == 200
    assert (await changed(lead, who.id, email=new_address())).status_code == 200


async def test_a_customers_key_of_one_organization_knows_no_other_of_his(
    desk: Desk, lead: AsyncClient
) -> None:
    who = await newcomer(desk, role="paakayttaja")
    other = (await newcomer(desk)).organization
    granted = await lead.put(
        f"/v1/organizations/{other}/members/{who.id}", json={"role": "paakayttaja"}
    )
    assert granted.status_code == 200
    boss = await signed_in(desk, who)
    script = calling(desk, await key_of(boss, *OWN_TICKETS, organization=who.organization))
    companies = (await script.get("/v1/organizations")).json()["items"]
    assert [each["id"] for each in companies] == [who.organization]
    # Only one is left, so none need be named.
    assert (await opened(script))["organization"]["id"] == who.organization
    await lead.delete(f"/v1/organizations/{who.organization}/members/{who.id}")
    assert (await script.get("/v1/me")).status_code == 401


async def test_a_key_of_one_organization_carries_nothing_that_reaches_over_the_tenant(
    desk: Desk, lead: AsyncClient
) -> None:
    organization = (await newcomer(desk)).organization
    sent = {"name": "Key", "scopes": ["roles:assign"], "organization": organization}
    assert refusal(await lead.post("/v1/api-keys", json=sent)) == (422, "scopes-above-ones-own")


@pytest.mark.parametrize("organization", ["00000000-0000-7000-8000-000000000000", "globex"])
async def test_a_key_is_not_bound_to_an_organization_one_does_not_see(
    boss: AsyncClient, stranger: AsyncClient, organization: str
) -> None:
    if organization == "globex":
        organization = (await stranger.get("/v1/organizations")).json()["items"][0]["id"]
    sent = {"name": "Key", "scopes": OWN_TICKETS, "organization": organization}
    answer = await boss.post("/v1/api-keys", json=sent)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/organization"
