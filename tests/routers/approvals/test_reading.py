"""Approvals are read like their tickets: one by one, in lists, as certificates, in the history."""

from httpx2 import AsyncClient

from tests.factories.approvals import asked_about, decided, mended
from tests.factories.tickets import codes, history


async def test_what_one_may_not_read_does_not_exist(
    customer: AsyncClient, colleague: AsyncClient, stranger: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent)
    approval = await asked_about(customer, case)
    nowhere = "0190a000-0000-7000-8000-000000000000"
    for outsider in (colleague, stranger):
        answers = [
            await outsider.get(f"/v1/approvals/{approval['id']}"),
            await outsider.get(f"/v1/approvals/{approval['id']}/certificate"),
            await decided(outsider, approval, "approved"),
            await outsider.post(f"/v1/approvals/{approval['id']}/withdrawal"),
        ]
        unknown = (await outsider.get(f"/v1/approvals/{nowhere}")).json()
        for answer in answers:
            told = answer.json()
            assert {**told, "instance": ""} == {**unknown, "instance": ""}
        listed = (await outsider.get("/v1/approvals?mine=false&limit=100")).json()["items"]
        assert approval["id"] not in [item["id"] for item in listed]


async def test_what_waits_for_me_is_my_list(
    customer: AsyncClient, admin: AsyncClient, agent: AsyncClient
) -> None:
    approval = await asked_about(customer, await mended(customer, agent))

    async def ids(client: AsyncClient, query: str = "") -> list[str]:
        answer = await client.get(f"/v1/approvals?limit=100&{query}")
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert approval["id"] in await ids(customer)
    assert approval["id"] not in await ids(admin)
    assert approval["id"] not in await ids(agent)
    assert approval["id"] in await ids(admin, "mine=false")
    assert approval["id"] in await ids(agent, "mine=false")
    await decided(customer, approval, "approved")
    assert approval["id"] not in await ids(customer)
    assert approval["id"] in await ids(customer, "state=granted&state=refused")
    assert approval["id"] not in await ids(customer, "state=refused")


async def test_the_list_goes_on_page_by_page_and_by_every_sort(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    for _ in range(3):
        await mended(customer, agent)
    for sort in ("asked_at", "-asked_at", "due_at", "-due_at", "ended_at", "-ended_at"):
        path = f"/v1/approvals?state=pending&state=granted&sort={sort}&limit=2&include=total"
        first = (await customer.get(path)).json()
        second = (await customer.get(f"{path}&cursor={first['next_cursor']}")).json()
        ids = [item["id"] for item in (*first["items"], *second["items"])]
        assert len(ids) == len(set(ids)) >= 3
        assert first["total"] >= 3


async def test_a_look_decides_nothing(customer: AsyncClient, agent: AsyncClient) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    path = f"/v1/approvals/{approval['id']}"
    for way in (path, f"{path}?decision=approved", f"{path}/decisions"):
        assert (await customer.get(way)).status_code in {200, 405, 422}
    assert (await customer.get(path)).json()["state"] == "pending"


async def test_a_certificate_says_who_decided_what_on_which_words(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent, subject="Prove it")
    approval = await asked_about(customer, case)
    path = f"/v1/approvals/{approval['id']}/certificate"
    assert codes(await customer.get(path))[:2] == (409, "not-decided")
    await decided(customer, approval, "approved", "All of it.")
    proof = (await agent.get(path)).json()
    (decision,) = proof["decisions"]
    assert proof["ticket"]["number"] == case["number"]
    assert proof["ticket"]["subject"] == "Prove it"
    assert proof["organization"] == "Acme AB"
    assert proof["question"] == "Approval of what was done"
    assert proof["state"] == "granted"
    assert (decision["decision"]["label"], decision["kind"]) == ("Approved", "explicit")
    assert decision["decided_by"]["name"] == "Member of Acme"
    assert decision["comment"] == "All of it."
    assert decision["ticket_version"] == proof["ticket_version"]
    assert len(decision["text_digest"]) == 64
    # The decision's own comment came after it.
    assert proof["text_digest_now"] != decision["text_digest"]
    assert proof["rule"]["hours_after_reminder"] == 24


async def test_each_step_stands_in_the_history_with_the_version_of_its_rule(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent)
    approval = await asked_about(customer, case)
    await decided(customer, approval, "tested_ok")
    told = [event for event in await history(customer, case) if "approval" in event["event"]]
    assert [event["event"] for event in told] == ["approval.asked", "approval.decided"]
    assert {event["data"]["definition_version"] for event in told} == {1}
    assert told[1]["data"]["decision"] == "tested_ok"
    assert told[1]["data"]["ticket_version"] == told[0]["data"]["ticket_version"]
    assert told[1]["actor"]["name"] == "Member of Acme"
