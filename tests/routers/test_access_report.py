"""The access report over HTTP: who came in, from where, who may read it; as a table too (S4-18)."""

import csv
import io
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.keys import calling, key_of
from tests.factories.people import (
    Clock,
    bearer,
    changed,
    new_organization,
    newcomer,
    signed_in,
    try_to_sign_in,
)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def entries(client: AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/access-report", params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_sign_in_tells_who_when_how_and_from_where(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk, name="Visitor")
    client = desk.anybody(address="203.0.113.77", **{"User-Agent": FIREFOX})
    came = await try_to_sign_in(client, who.email)
    await try_to_sign_in(client, who.email, "wrong")
    await client.delete("/v1/sessions/current", headers=bearer(came))
    told = await entries(lead, person=who.id, kind=["sign_in", "refusal", "sign_out"])
    assert [each["kind"] for each in told] == ["sign_out", "refusal", "sign_in"]
    assert [each["success"] for each in told] == [True, False, True]
    first = told[-1]
    assert first["person"] == {"id": who.id, "name": "Visitor"}
    assert [each["id"] for each in first["organizations"]] == [who.organization]
    assert (first["way"], first["network"], first["device"]) == (
        "local",
        "203.0.113.0/24",
        "firefox/linux",
    )
    assert told[1]["reason"] == "wrong"
    assert told[0]["reason"] == "signed-out"


async def test_nothing_in_it_is_what_a_client_wrote(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk)
    client = desk.anybody(**{"User-Agent": "=cmd|'/c calc'!A1 secret-words"})
    await try_to_sign_in(client, who.email)
    await try_to_sign_in(client, "not-there@nowhere.example", "secret-words")
    told = (await lead.get("/v1/access-report?limit=100")).text
    assert "secret-words" not in told
    assert "nowhere.example" not in told
    assert who.email not in told


async def test_keys_and_rights_stand_in_it(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk, role="paakayttaja")
    made = await key_of(await signed_in(desk, who), "tickets:create")
    await calling(desk, made).get("/v1/me")
    place = f"/v1/organizations/{who.organization}/members/{who.id}"
    await lead.put(place, json={"role": "perus"})
    await lead.delete(place)
    await changed(lead, who.id, state="inactive")
    told = await entries(lead, person=who.id, sort="occurred_at")
    happened = [(each["event"], each["role"], each["taken"]) for each in told]
    assert ("api_key.made", None, False) in happened
    assert ("api_key.used", None, False) in happened
    assert ("person.rights_changed", "perus", False) in happened
    assert ("person.rights_changed", "perus", True) in happened
    assert ("api_key.revoked", None, False) in happened
    by = {each["by"]["name"] for each in told if each["event"] == "person.deactivated"}
    assert by == {(await lead.get("/v1/me")).json()["name"]}
    assert {each["api_key"] for each in told if each["kind"] == "key_use"} == {made["id"]}


async def test_a_company_admin_reads_about_his_people_and_others_about_themselves(
    desk: Desk, agent: AsyncClient
) -> None:
    boss, elsewhere = await newcomer(desk, role="paakayttaja"), await newcomer(desk)
    colleague = await newcomer(desk, organization=boss.organization)
    for who in (colleague, elsewhere):
        await signed_in(desk, who)
    admin, plain = await signed_in(desk, boss), await signed_in(desk, colleague)
    seen = {each["person"]["id"] for each in await entries(admin)}
    assert seen == {boss.id, colleague.id}
    assert await entries(admin, person=elsewhere.id) == []
    assert {each["person"]["id"] for each in await entries(plain)} == {colleague.id}
    me = (await agent.get("/v1/me")).json()["id"]
    assert {each["person"]["id"] for each in await entries(agent)} <= {me}


async def test_what_a_colleague_is_given_elsewhere_is_no_company_admins_affair(
    desk: Desk, lead: AsyncClient
) -> None:
    boss = await newcomer(desk, role="paakayttaja")
    both = await newcomer(desk, organization=boss.organization)
    elsewhere = await new_organization(desk, "Their rival")
    there = f"/v1/organizations/{elsewhere}/members/{both.id}"
    assert (await lead.put(there, json={"role": "paakayttaja"})).status_code == 200
    await key_of(await signed_in(desk, both), "tickets:create", organization=elsewhere)
    told = await entries(await signed_in(desk, boss), person=both.id)
    assert {each["organization"] for each in told} == {None, boss.organization}
    assert elsewhere in {each["organization"] for each in await entries(lead, person=both.id)}


async def test_a_key_reads_it_only_with_the_scope_for_all_of_it(
    desk: Desk, lead: AsyncClient
) -> None:
    blind = calling(desk, await key_of(lead, "tickets:create"))
    assert await entries(blind) == []
    sees = calling(desk, await key_of(lead, "access_report:read"))
    assert await entries(sees) != []


async def test_another_tenants_sign_ins_are_not_in_it(desk: Desk, lead: AsyncClient) -> None:
    other = await desk.client("lead@tvox.example", "tvox")
    me = (await other.get("/v1/me")).json()["id"]
    assert await entries(other, person=me) != []
    assert await entries(lead, person=me) == []


async def test_it_is_read_page_by_page(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk)
    for _ in range(5):
        await signed_in(desk, who)
    whole = [each["id"] for each in await entries(lead, person=who.id)]
    paged: list[str] = []
    cursor = None
    while True:
        query = {"person": who.id, "limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await lead.get("/v1/access-report", params=query)).json()
        paged += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole
    assert len(whole) >= 5


async def test_from_and_to_bound_it(desk: Desk, lead: AsyncClient, hands: Clock) -> None:
    who = await newcomer(desk)
    await signed_in(desk, who)
    first = (await entries(lead, person=who.id, kind="sign_in"))[0]["occurred_at"]
    hands.forward(minutes=5)
    await signed_in(desk, who)
    since = await entries(lead, person=who.id, kind="sign_in", occurred_from=first)
    assert len(since) == 2
    before = await entries(lead, person=who.id, kind="sign_in", occurred_to=first)
    assert before == []


@pytest.mark.parametrize("by_header", [True, False])
async def test_it_is_a_table_without_formulas(
    desk: Desk, lead: AsyncClient, by_header: bool
) -> None:
    who = await newcomer(desk, name="=HYPERLINK(1)")
    await signed_in(desk, who)
    answer = await lead.get(
        "/v1/access-report",
        params={"person": who.id} | ({} if by_header else {"format": "csv"}),
        headers={"Accept": "text/csv"} if by_header else {},
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="access-report.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["person"] == "'=HYPERLINK(1)"
    assert rows[0]["network"] == "127.0.0.0/24"


@pytest.mark.parametrize(
    ("named", "told"),
    [
        # Where lists are parted by semicolons, which is most of Europe, this is two cells.
        ("Acme;=HYPERLINK(1)", "Acme;'=HYPERLINK(1)"),
        ("Acme; -1+1|@SUM(1)", "Acme;' -1+1|'@SUM(1)"),
        ("Anna-Liisa +358; x = 1", "Anna-Liisa +358; x = 1"),
    ],
)
async def test_no_formula_begins_inside_a_cell_either(
    desk: Desk, lead: AsyncClient, named: str, told: str
) -> None:
    who = await newcomer(desk, name=named)
    await signed_in(desk, who)
    query = {"person": who.id, "format": "csv"}
    answer = await lead.get("/v1/access-report", params=query)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["person"] == told


async def test_a_long_table_is_streamed_to_its_end(
    desk: Desk, lead: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.routers.access_report._ROWS_OF_A_TABLE", 2)
    who = await newcomer(desk)
    for _ in range(5):
        await signed_in(desk, who)
    whole = await entries(lead, person=who.id)
    answer = await lead.get("/v1/access-report", params={"person": who.id, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["occurred_at"] for row in rows] == [each["occurred_at"] for each in whole]


@pytest.mark.parametrize(
    "query", ["kind=x", "person=x", "occurred_from=yesterday", "format=xml", "cursor=x", "who=me"]
)
async def test_a_filter_there_is_not_is_refused(lead: AsyncClient, query: str) -> None:
    assert (await lead.get(f"/v1/access-report?{query}")).status_code == 422
