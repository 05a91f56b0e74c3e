"""Who belongs to an organization, over HTTP: agents and company admins say so (S3-4, S3-7)."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient, Response

from tests.desk import Desk
from tests.factories.people import Newcomer, new_organization, newcomer, signed_in
from tests.factories.tickets import opened
from tests.refusals import refusal


@pytest.fixture
async def chief(desk: Desk) -> Newcomer:
    """The company admin of an organization of his own."""
    return await newcomer(desk, role="paakayttaja")


@pytest.fixture
async def admin(desk: Desk, chief: Newcomer) -> AsyncClient:
    """His client."""
    return await signed_in(desk, chief)


@pytest.fixture
async def basic(desk: Desk, chief: Newcomer) -> Newcomer:
    """A basic user of the same organization."""
    return await newcomer(desk, organization=chief.organization)


def place(who: Newcomer, organization: str | None = None) -> str:
    return f"/v1/organizations/{organization or who.organization}/members/{who.id}"


async def set_role(client: AsyncClient, path: str, role: str) -> Response:
    return await client.put(path, json={"role": role})


async def members(client: AsyncClient, organization: str | None) -> dict[str, str]:
    answer = await client.get(f"/v1/organizations/{organization}/members")
    assert answer.status_code == 200, answer.text
    return {member["person"]["id"]: member["role"] for member in answer.json()["items"]}


async def test_a_company_admin_sees_and_sets_the_roles_of_his_colleagues(
    desk: Desk, admin: AsyncClient, chief: Newcomer, basic: Newcomer
) -> None:
    everybody = {chief.id: "paakayttaja", basic.id: "perus"}
    assert await members(admin, chief.organization) == everybody
    answer = await set_role(admin, place(basic), "paakayttaja")
    assert (answer.status_code, answer.json()["role"]) == (200, "paakayttaja")
    promoted = await signed_in(desk, basic)
    assert await members(promoted, chief.organization) == dict.fromkeys(everybody, "paakayttaja")


async def test_a_role_counts_with_the_next_request(
    desk: Desk, admin: AsyncClient, chief: Newcomer, basic: Newcomer
) -> None:
    ticket = await opened(admin)
    client = await signed_in(desk, basic)
    path = f"/v1/tickets/{ticket['id']}"
    assert (await client.get(path)).status_code == 404
    await set_role(admin, place(basic), "paakayttaja")
    assert (await client.get(path)).status_code == 200
    await set_role(admin, place(basic), "perus")
    assert (await client.get(path)).status_code == 404


async def test_a_leaver_is_out_with_the_next_request_and_his_tickets_stay(
    desk: Desk, admin: AsyncClient, basic: Newcomer
) -> None:
    client = await signed_in(desk, basic)
    ticket = await opened(client)
    assert (await admin.delete(place(basic))).status_code == 204
    assert (await client.get(f"/v1/tickets/{ticket['id']}")).status_code == 404
    assert (await client.get("/v1/tickets")).json()["items"] == []
    assert (await client.get(f"/v1/organizations/{basic.organization}")).status_code == 404
    assert (await client.get("/v1/me")).json()["memberships"] == []
    assert (await admin.get(f"/v1/tickets/{ticket['id']}")).status_code == 200
    assert refusal(await admin.delete(place(basic))) == (404, "person-not-found")


async def test_nobody_changes_or_ends_his_own_place(admin: AsyncClient, chief: Newcomer) -> None:
    assert refusal(await set_role(admin, place(chief), "perus")) == (403, "not-oneself")
    assert refusal(await admin.delete(place(chief))) == (403, "not-oneself")
    assert (await members(admin, chief.organization))[chief.id] == "paakayttaja"


async def test_other_organizations_are_none_of_a_company_admins_business(
    desk: Desk, admin: AsyncClient, basic: Newcomer
) -> None:
    other = await newcomer(desk)
    unknown = f"/v1/organizations/{uuid4()}/members/{uuid4()}"
    first, *others = [
        await set_role(admin, path, "perus")
        for path in (
            unknown,
            place(other),
            place(basic, other.organization),
            "/v1/organizations/x/members/y",
        )
    ]
    assert refusal(first) == (404, "organization-not-found")
    assert all(refusal(answer) == refusal(first) for answer in others)
    assert (await admin.get(f"/v1/organizations/{other.organization}/members")).status_code == 404
    assert (await admin.delete(place(other))).status_code == 404


async def test_a_company_admin_brings_in_nobody_who_does_not_belong(
    desk: Desk, admin: AsyncClient, chief: Newcomer
) -> None:
    other = await newcomer(desk)
    answer = await set_role(admin, place(other, chief.organization), "perus")
    assert refusal(answer) == (404, "person-not-found")


async def test_an_admin_here_is_a_plain_member_there(
    desk: Desk, admin: AsyncClient, chief: Newcomer, basic: Newcomer, agent: AsyncClient
) -> None:
    there = await new_organization(desk)
    for who in (chief, basic):
        assert (await set_role(agent, place(who, there), "perus")).status_code == 200
    answer = await set_role(admin, place(basic, there), "paakayttaja")
    assert refusal(answer) == (403, "forbidden")
    assert refusal(await admin.delete(place(basic, there))) == (403, "forbidden")


async def test_an_admin_of_two_companies_moves_nobody_between_them(
    desk: Desk, admin: AsyncClient, chief: Newcomer, basic: Newcomer, agent: AsyncClient
) -> None:
    there = await new_organization(desk)
    assert (await set_role(agent, place(chief, there), "paakayttaja")).status_code == 200
    answer = await set_role(admin, place(basic, there), "perus")
    assert refusal(answer) == (404, "membership-not-found")


async def test_customers_get_customers_roles_alone(
    admin: AsyncClient, agent: AsyncClient, basic: Newcomer
) -> None:
    for client in (admin, agent):
        for role in ("agent", "lead", "tenant_admin", "no_such_role"):
            answer = await set_role(client, place(basic), role)
            assert refusal(answer) == (422, "role-unknown")
            assert answer.json()["errors"][0]["pointer"] == "/role"


async def test_basic_users_manage_nobody(
    desk: Desk, chief: Newcomer, basic: Newcomer, admin: AsyncClient
) -> None:
    client = await signed_in(desk, basic)
    assert await members(client, basic.organization) == {basic.id: "perus"}
    for who in (chief, basic):
        for answer in (
            await set_role(client, place(who), "paakayttaja"),
            await client.delete(place(who)),
        ):
            assert answer.status_code in {403, 404}
    assert await members(admin, chief.organization) == {
        chief.id: "paakayttaja",
        basic.id: "perus",
    }


async def test_agents_are_members_of_no_organization(
    desk: Desk, agent: AsyncClient, chief: Newcomer
) -> None:
    other = await newcomer(desk, side="agent", role="agent")
    answer = await set_role(agent, place(other, chief.organization), "perus")
    assert refusal(answer) == (422, "wrong-side")


async def test_somebody_may_belong_to_several_organizations(
    desk: Desk, agent: AsyncClient, basic: Newcomer
) -> None:
    there = await new_organization(desk, "Second Oy")
    assert (await set_role(agent, place(basic, there), "paakayttaja")).status_code == 200
    me = (await (await signed_in(desk, basic)).get("/v1/me")).json()
    roles = {held["organization"]["id"]: held["role"] for held in me["memberships"]}
    assert roles == {basic.organization: "perus", there: "paakayttaja"}
    held = me["permissions_by_organization"]
    assert "colleagues:manage" in held[there]
    assert "colleagues:manage" not in held[basic.organization]


async def test_a_company_admin_does_not_see_where_else_a_colleague_belongs(
    desk: Desk, agent: AsyncClient, admin: AsyncClient, basic: Newcomer
) -> None:
    there = await new_organization(desk, "Rival Oy")
    await set_role(agent, place(basic, there), "perus")
    answer = await admin.get(f"/v1/people/{basic.id}")
    seen = [held["organization"]["id"] for held in answer.json()["memberships"]]
    assert seen == [basic.organization]
    assert "Rival" not in answer.text


async def test_members_are_listed_page_by_page(
    desk: Desk, admin: AsyncClient, chief: Newcomer
) -> None:
    for name in ("Cecilia", "Anton", "Berit"):
        await newcomer(desk, organization=chief.organization, name=name)
    path = f"/v1/organizations/{chief.organization}/members"

    async def names(**query: Any) -> Sequence[str]:
        answer = await admin.get(path, params=query)
        seen = [member["person"]["name"] for member in answer.json()["items"]]
        if cursor := answer.json()["next_cursor"]:
            seen += await names(**{**query, "cursor": cursor})
        return seen

    assert await names(limit=1) == ["Anton", "Berit", "Cecilia", "Newcomer"]
    assert await names(limit=3, sort="-name") == ["Newcomer", "Cecilia", "Berit", "Anton"]
    assert (await names(sort="created_at"))[1:] == ["Cecilia", "Anton", "Berit"]
