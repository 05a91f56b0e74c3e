"""People over HTTP: made, found and changed by agents; nobody reaches above himself."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient, Response

from app.kernel.sorting import sort_key
from tests.desk import Desk
from tests.factories.people import Newcomer, changed, new_address, newcomer, signed_in


async def make(client: AsyncClient, **more: Any) -> Response:
    new = {"name": "New Person", "email": new_address(), **more}
    return await client.post("/v1/people", json=new)


async def found(client: AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/people", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def refusal(answer: Response) -> tuple[int, str, list[str | None]]:
    body = answer.json()
    places = [fault.get("pointer") for fault in body.get("errors", [])]
    return answer.status_code, body["code"], places


async def test_an_agent_makes_a_person_who_cannot_sign_in_yet(agent: AsyncClient) -> None:
    new = {
        "name": "  New \t Person ",
        "email": new_address(),
        "phone": "+358401234567",
        "language": "fi",
    }
    answer = await agent.post("/v1/people", json=new)
    assert answer.status_code == 201
    told = answer.json()
    assert answer.headers["location"] == f"/v1/people/{told['id']}"
    assert (told["name"], told["email"], told["phone"]) == (
        "New Person",
        new["email"],
        "+358401234567",
    )
    assert (told["side"], told["state"], told["role"]) == ("customer", "invited", None)
    shown = await agent.get(answer.headers["location"])
    assert (shown.json(), shown.headers["etag"]) == (told, answer.headers["etag"])


async def test_an_address_belongs_to_one_person_however_it_is_written(agent: AsyncClient) -> None:
    address = f"åse-{uuid4().hex[:8]}@bücher.example"
    assert (await make(agent, email=address)).status_code == 201
    for written in (
        address.upper(),
        address.replace("å", "a\u030a"),
        address.replace("bücher", "xn--bcher-kva"),
    ):
        answer = await make(agent, email=written)
        assert refusal(answer) == (409, "email-taken", ["/email"])


async def test_of_two_who_take_an_address_at_once_one_gets_it(agent: AsyncClient) -> None:
    for _ in range(3):
        address = new_address()
        answers = await asyncio.gather(*(make(agent, email=address) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert len(await found(agent, email=address)) == 1


async def test_of_two_who_are_given_an_address_at_once_one_gets_it(
    desk: Desk, agent: AsyncClient
) -> None:
    for _ in range(3):
        address, people = new_address(), [await newcomer(desk) for _ in range(2)]
        answers = await asyncio.gather(
            *(changed(agent, somebody.id, email=address) for somebody in people)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (late,) = [answer for answer in answers if answer.status_code == 409]
        assert refusal(late) == (409, "email-taken", ["/email"])


async def test_only_those_who_may_make_people_learn_that_an_address_is_taken(
    company_admin: AsyncClient, member: AsyncClient
) -> None:
    for client in (company_admin, member):
        for address in ("member@acme.example", "member@globex.example", new_address()):
            assert (await make(client, email=address)).json()["code"] == "forbidden"
        assert await found(client, email="member@globex.example") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "\u200d\u2060"),
        ("name", "Bell\x07"),
        ("name", "a\u202eb"),
        ("name", "\u2066isolated\u2069"),
        ("name", "N" * 4096),
        ("name", "a\0b"),
        ("name", 7),
        ("email", "no address"),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("email", f"{'m' * 300}@acme.example"),
        ("phone", "0401234567"),
        ("phone", "+358 40 1234567"),
        ("phone", "+12345678901234567"),
        ("language", "de"),
        ("side", "system"),
        ("role", "no such role"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_its_place(
    agent: AsyncClient, field: str, value: Any
) -> None:
    answer = await make(agent, **{field: value})
    assert answer.status_code == 422
    assert refusal(answer)[2] == [f"/{field}"]


@pytest.mark.parametrize(
    "name", ["Åse Ødegård", "Łukasz O'Brien-Žižek", "山田 太郎", "محمد", "می‌خواهم", "X Æ A-12 🦊"]
)
async def test_names_of_all_the_world_are_kept_as_they_are(agent: AsyncClient, name: str) -> None:
    assert (await make(agent, name=name)).json()["name"] == name


@pytest.mark.parametrize(
    "more",
    [
        {"state": "active"},
        {"id": str(uuid4())},
        {"tenant_id": str(uuid4())},
        {"password": "seven wet dogs on a tram"},
        {"memberships": []},
        {"organization": str(uuid4())},
        {"version": 9},
    ],
)
async def test_nobody_is_made_with_more_than_the_contract_lets_one_say(
    agent: AsyncClient, more: dict[str, Any]
) -> None:
    answer = await make(agent, **more)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "unknown"


async def test_a_change_says_which_version_it_changes(desk: Desk, agent: AsyncClient) -> None:
    path = f"/v1/people/{(await newcomer(desk)).id}"
    tag = (await agent.get(path)).headers["etag"]
    assert (await agent.patch(path, json={"muted": True})).status_code == 428
    fresh = await agent.patch(path, json={"muted": True}, headers={"If-Match": tag})
    assert (fresh.status_code, fresh.json()["muted"]) == (200, True)
    stale = await agent.patch(path, json={"muted": False}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    unchanged = await agent.get(path, headers={"If-None-Match": fresh.headers["etag"]})
    assert unchanged.status_code == 304


async def test_of_two_who_change_the_same_version_one_is_first(
    desk: Desk, agent: AsyncClient
) -> None:
    path = f"/v1/people/{(await newcomer(desk)).id}"
    tag = {"If-Match": (await agent.get(path)).headers["etag"]}
    answers = await asyncio.gather(
        *(agent.patch(path, json={"name": f"Name {n}"}, headers=tag) for n in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 4


async def test_what_is_absent_stays_and_null_clears_what_can_be_empty(
    desk: Desk, agent: AsyncClient
) -> None:
    somebody = await newcomer(desk)
    await changed(agent, somebody.id, phone="+4791234567", language="nb")
    told = (await changed(agent, somebody.id, muted=True)).json()
    assert (told["phone"], told["language"], told["email"]) == (
        "+4791234567",
        "nb",
        somebody.email,
    )
    told = (await changed(agent, somebody.id, phone=None, language=None)).json()
    assert (told["phone"], told["language"]) == (None, None)
    for field in ("name", "email", "state", "muted", "role"):
        refused = await changed(agent, somebody.id, **{field: None})
        assert (refused.status_code, refusal(refused)[2]) == (422, [f"/{field}"])


async def test_a_caller_is_found_by_his_number(desk: Desk, agent: AsyncClient) -> None:
    """S1-32."""
    somebody, number = await newcomer(desk), f"+4799{uuid4().int % 10**6:06}"
    await changed(agent, somebody.id, phone=number)
    assert [who["id"] for who in await found(agent, phone=number)] == [somebody.id]
    assert await found(agent, phone="+4700000000") == []
    assert (await agent.get("/v1/people", params={"phone": "91234567"})).status_code == 422


async def test_people_are_listed_page_by_page_in_either_order(agent: AsyncClient) -> None:
    everybody = await found(agent, limit=100)
    for sort, key in (("name", "name"), ("created_at", "created_at")):
        for order in (sort, f"-{sort}"):
            seen, cursor = [], None
            for _ in range(4):
                query = {"sort": order, "limit": "3", **({"cursor": cursor} if cursor else {})}
                answer = await agent.get("/v1/people", params=query)
                seen += answer.json()["items"]
                cursor = answer.json()["next_cursor"]
                assert ('rel="next"' in answer.headers.get("link", "")) is bool(cursor)
                if cursor is None:
                    break
            values = [sort_key(who[key]) for who in seen]
            assert values == sorted(values, reverse=order.startswith("-"))
            assert len({who["id"] for who in seen}) == len(seen) == min(len(everybody), len(seen))


async def test_letters_of_the_north_come_after_z(agent: AsyncClient) -> None:
    mark = uuid4().hex[:6]
    for first in ("Öberg", "Zorn", "Ågren", "Adams", "Ärlig"):
        await make(agent, name=f"~{mark} {first}")
    ordered = [who["name"] for who in await found(agent, sort="-name", limit=100)]
    ours = [name.split()[1] for name in ordered if name.startswith(f"~{mark}")]
    assert ours == ["Öberg", "Ärlig", "Ågren", "Zorn", "Adams"]


async def test_lists_narrow_by_side_and_state(agent: AsyncClient) -> None:
    agents = await found(agent, side="agent", limit=100)
    assert {who["side"] for who in agents} == {"agent"}
    await make(agent)
    invited = await found(agent, state="invited", limit=100)
    assert {who["state"] for who in invited} == {"invited"}
    for query in ({"state": "gone"}, {"limit": 0}, {"limit": 101}, {"sort": "email"}, {"q": "x"}):
        answer = await agent.get("/v1/people", params=query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["parameter"] == next(iter(query))


async def test_customers_see_themselves_and_who_they_manage(
    member: AsyncClient, company_admin: AsyncClient, desk: Desk
) -> None:
    assert [who["email"] for who in await found(member)] == ["member@acme.example"]
    colleagues = {who["email"] for who in await found(company_admin)}
    assert {"member@acme.example", "member2@acme.example"} <= colleagues
    assert all(address.endswith("@acme.example") for address in colleagues)
    other = (await (await desk.client("member@globex.example")).get("/v1/me")).json()["id"]
    agents = (await (await desk.client("agent@crm.example")).get("/v1/me")).json()["id"]
    unknown = await company_admin.get(f"/v1/people/{uuid4()}")
    for hidden in (other, agents, "no-id"):
        answer = await company_admin.get(f"/v1/people/{hidden}")
        assert answer.status_code == 404
        assert {**answer.json(), "instance": ""} == {**unknown.json(), "instance": ""}


async def test_whom_one_sees_but_may_not_change_is_refused_as_that(
    desk: Desk, company_admin: AsyncClient, member: AsyncClient
) -> None:
    colleague = (await (await desk.client("member2@acme.example")).get("/v1/me")).json()["id"]
    tag = {"If-Match": (await company_admin.get(f"/v1/people/{colleague}")).headers["etag"]}
    path, told = f"/v1/people/{colleague}", {"email": new_address()}
    assert (await company_admin.patch(path, json=told, headers=tag)).status_code == 403
    assert (await member.patch(path, json=told, headers=tag)).status_code == 404


# --- rights --------------------------------------------------------------------------------------


@pytest.fixture
async def admin(desk: Desk) -> Newcomer:
    """An administrator of the tenant."""
    return await newcomer(desk, side="agent", role="tenant_admin")


async def test_an_agent_changes_no_other_agent(desk: Desk, agent: AsyncClient) -> None:
    other = await newcomer(desk, side="agent", role="agent")
    for change in ({"name": "X Y"}, {"email": new_address()}, {"state": "inactive"}):
        assert refusal(await changed(agent, other.id, **change))[:2] == (403, "forbidden")


@pytest.mark.parametrize(
    "change", [{"email": "lead@crm.example"}, {"state": "inactive"}, {"role": "agent"}]
)
async def test_nobody_lays_hands_on_somebody_above_him(
    lead: AsyncClient, admin: Newcomer, change: dict[str, str]
) -> None:
    """Whoever could set that person's address could have a link mailed and be that person."""
    if "email" in change:
        change = {"email": new_address()}
    answer = await changed(lead, admin.id, **change)
    assert refusal(answer)[:2] == (403, "role-above-ones-own")


async def test_nobody_gives_a_role_above_his_own(
    desk: Desk, lead: AsyncClient, admin: Newcomer
) -> None:
    one = await newcomer(desk, side="agent", role="agent")
    assert (await changed(lead, one.id, role="lead")).status_code == 200
    for answer in (
        await changed(lead, one.id, role="tenant_admin"),
        await make(lead, side="agent", role="tenant_admin"),
    ):
        assert refusal(answer)[:2] == (403, "role-above-ones-own")
    above = await signed_in(desk, admin)
    assert (await changed(above, one.id, role="tenant_admin")).status_code == 200


async def test_nobody_changes_his_own_role_or_state(lead: AsyncClient) -> None:
    me = (await lead.get("/v1/me")).json()["id"]
    for change in ({"role": "agent"}, {"state": "inactive"}):
        assert refusal(await changed(lead, me, **change))[:2] == (403, "not-oneself")


async def test_roles_belong_to_their_side(
    desk: Desk, lead: AsyncClient, agent: AsyncClient
) -> None:
    customer = await newcomer(desk)
    other = await newcomer(desk, side="agent", role="agent")
    for answer, code in (
        (await changed(lead, customer.id, role="agent"), "wrong-side"),
        (await make(agent, role="perus"), "wrong-side"),
        (await changed(lead, other.id, role="perus"), "role-unknown"),
        (await make(lead, side="agent"), "role-unknown"),
        (await make(lead, side="agent", role="nobody"), "role-unknown"),
    ):
        assert refusal(answer) == (422, code, ["/role"])


async def test_a_change_of_role_counts_with_the_next_request(desk: Desk, lead: AsyncClient) -> None:
    one = await newcomer(desk, side="agent", role="agent")
    client = await signed_in(desk, one)
    assert (await make(client, side="agent", role="agent")).status_code == 403
    await changed(lead, one.id, role="lead")
    assert (await make(client, side="agent", role="agent")).status_code == 201
    await changed(lead, one.id, role="agent")
    assert (await make(client, side="agent", role="agent")).status_code == 403


async def test_a_deactivated_person_is_out_with_the_next_request(
    desk: Desk, agent: AsyncClient, nobody: AsyncClient
) -> None:
    somebody = await newcomer(desk)
    client = await signed_in(desk, somebody)
    assert (await client.get("/v1/me")).status_code == 200
    assert (await changed(agent, somebody.id, state="inactive")).status_code == 200
    assert (await client.get("/v1/me")).status_code == 401
    assert (await changed(agent, somebody.id, state="active")).status_code == 200
    assert (await client.get("/v1/me")).status_code == 401, "coming back is signing in anew"
    assert (await (await signed_in(desk, somebody)).get("/v1/me")).status_code == 200


async def test_an_address_that_was_changed_is_the_new_user_name(
    desk: Desk, agent: AsyncClient
) -> None:
    """S3-9."""
    somebody, address = await newcomer(desk), new_address()
    assert (await changed(agent, somebody.id, email=address)).status_code == 200
    moved = Newcomer(somebody.id, address, somebody.organization)
    assert (await (await signed_in(desk, moved)).get("/v1/me")).json()["id"] == somebody.id


async def test_making_somebody_twice_with_one_key_makes_one(agent: AsyncClient) -> None:
    new = {"name": "Once", "email": new_address()}
    headers = {"Idempotency-Key": uuid4().hex}
    first, second = [await agent.post("/v1/people", json=new, headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replayed"] == "true"
    assert first.json()["id"] == second.json()["id"]
