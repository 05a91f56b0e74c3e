"""Full-text search: what is found, by whom, and what nobody can make of it."""

from typing import Any

import httpx2
import pytest

from tests.desk import Desk


async def opened(client: httpx2.AsyncClient, subject: str, **more: Any) -> dict[str, Any]:
    """A ticket about `subject`."""
    asked = {"type": "support", "subject": subject, "description": "See above.", **more}
    answer = await client.post("/v1/tickets", json=asked)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def said(
    client: httpx2.AsyncClient, ticket: dict[str, Any], body: str, visibility: str = "public"
) -> None:
    answer = await client.post(
        f"/v1/tickets/{ticket['id']}/comments", json={"body": body, "visibility": visibility}
    )
    assert answer.status_code == 201, answer.text


async def found(client: httpx2.AsyncClient, typed: str, **more: Any) -> list[str]:
    """The subjects a search finds, newest first."""
    answer = await client.get("/v1/tickets", params={"q": typed, "limit": 100, **more})
    assert answer.status_code == 200, answer.text
    return [item["subject"] for item in answer.json()["items"]]


async def test_a_ticket_is_found_by_its_words_and_its_number(member: httpx2.AsyncClient) -> None:
    ticket = await opened(
        member, "Kvarkbergite is missing", description="The *blorptable* shows nothing."
    )
    await said(member, ticket, "It was there on Wimbleday, in report-final.xlsx.")
    digits = ticket["number"].removeprefix("CRM-")
    for typed in (
        "kvarkbergite",
        "KVARKBERGITE MISSING",
        "kvarkb",
        "blorptable",
        "wimbleday",
        '"on wimbleday"',
        "kvarkbergite wimbleday",
        "kvarkbergite report-final.xlsx",
        "wimbleday -thursday",
        "nosuchword or wimbleday",
        ticket["number"],
        ticket["number"].lower(),
        f"#{digits}",
    ):
        assert "Kvarkbergite is missing" in await found(member, typed), typed
    for typed in ("kvarkbergit3", '"wimbleday there"', "wimbleday -kvarkbergite", digits[:-1]):
        assert "Kvarkbergite is missing" not in await found(member, typed), typed


@pytest.mark.parametrize(
    ("portal", "type_", "written", "typed"),
    [
        ("skill", "incident", "Rapportene mangler", "rapporten"),
        ("sensedesk", "incident", "Skriverne virker ikke", "skriver"),
        ("extend", "question", "Fakturorna saknas", "faktura"),
        ("crm-service", "support", "Laskuja ei näy", "laskut"),
        ("tvox", "guasto", "Mancano le fatture", "fattura"),
    ],
)
async def test_words_are_looked_for_in_the_language_of_the_portal(
    desk: Desk, portal: str, type_: str, written: str, typed: str
) -> None:
    asker = await desk.client("member@acme.example", portal)
    asked: dict[str, Any] = {"type": type_}
    if portal == "sensedesk":
        asked |= {"service": "network", "fields": {"affected": "me"}}
    if portal == "tvox":  # S4-16
        asker, asked["on_behalf_of"] = (
            await desk.client("agent@tvox.example", portal),
            (await asker.get("/v1/me")).json()["id"],
        )
    await opened(asker, written, **asked)
    assert written in await found(asker, typed)


async def test_what_agents_note_is_found_by_agents_alone(
    member: httpx2.AsyncClient, company_admin: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await opened(member, "Something quiet")
    await said(agent, ticket, "Suspicion: plonkerish.", "internal")
    assert await found(agent, "plonkerish") == ["Something quiet"]
    assert await found(member, "plonkerish") == []
    assert await found(company_admin, "plonkerish") == []


async def test_a_private_note_is_found_by_its_author_and_agents(
    member: httpx2.AsyncClient, company_admin: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await opened(member, "Something private")
    await said(member, ticket, "Between us: grumblefrost.", "private")
    assert await found(member, "grumblefrost") == ["Something private"]
    assert await found(agent, "grumblefrost") == ["Something private"]
    assert await found(company_admin, "grumblefrost") == []


async def test_nobody_finds_what_he_may_not_read(
    member: httpx2.AsyncClient,
    colleague: httpx2.AsyncClient,
    company_admin: httpx2.AsyncClient,
    stranger: httpx2.AsyncClient,
    desk: Desk,
) -> None:
    ticket = await opened(member, "Trundlewick stopped")
    await opened(member, "Trundlewick in private", private=True)
    assert set(await found(member, "trundlewick")) == {
        "Trundlewick stopped",
        "Trundlewick in private",
    }
    assert await found(company_admin, "trundlewick") == ["Trundlewick stopped"]
    assert await found(colleague, "trundlewick") == []
    assert await found(stranger, "trundlewick") == []
    assert await found(stranger, ticket["number"]) == []
    elsewhere = await desk.client("agent@skill.example", "skill")
    assert await found(elsewhere, "trundlewick") == []
    counted = await stranger.get("/v1/tickets?q=trundlewick&include=total")
    assert counted.json()["total"] == 0


async def test_a_participant_from_elsewhere_finds_the_ticket(
    member: httpx2.AsyncClient, stranger: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await opened(member, "Shared fizzlewort")
    await said(agent, ticket, "We note: snarkweed.", "internal")
    who = (await stranger.get("/v1/me")).json()["id"]
    added = await agent.post(f"/v1/tickets/{ticket['id']}/participants", json={"person": who})
    assert added.status_code in {200, 201}, added.text
    assert await found(stranger, "fizzlewort") == ["Shared fizzlewort"]
    assert await found(stranger, "snarkweed") == []


async def test_a_changed_text_is_found_by_its_new_words_alone(member: httpx2.AsyncClient) -> None:
    ticket = await opened(member, "About dorklings")
    await said(member, ticket, "They hum.")
    read = await member.get(f"/v1/tickets/{ticket['id']}")
    changed = await member.patch(
        f"/v1/tickets/{ticket['id']}",
        json={"subject": "About snerklings"},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    assert await found(member, "dorklings") == []
    assert await found(member, "snerklings hum") == ["About snerklings"]


async def test_a_search_is_filtered_sorted_and_paged_like_any_list(
    member: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    for name in ("Cobblepot C", "Cobblepot A", "Cobblepot D", "Cobblepot B"):
        await opened(member, name, priority="low" if name.endswith("D") else "high")
    assert await found(member, "cobblepot", sort="subject") == [
        f"Cobblepot {letter}" for letter in "ABCD"
    ]
    assert await found(agent, "cobblepot", sort="subject", priority="high", state="open") == [
        f"Cobblepot {letter}" for letter in "ABC"
    ]
    query: dict[str, str | int] = {
        "q": "cobblepot",
        "sort": "-subject",
        "limit": 3,
        "include": "total",
    }
    page = (await member.get("/v1/tickets", params=query)).json()
    assert [item["subject"][-1] for item in page["items"]] == ["D", "C", "B"]
    assert page["total"] == 4
    rest = await member.get("/v1/tickets", params={**query, "cursor": page["next_cursor"]})
    assert [item["subject"][-1] for item in rest.json()["items"]] == ["A"]


@pytest.mark.parametrize(
    "written",
    ["o" * 9000, "€" * 9000, " ".join(chr(0x20000 + n) for n in range(9000))],
    ids=["one endless word", "one of long letters", "nothing but other words"],
)
async def test_no_text_is_too_strange_to_be_found(member: httpx2.AsyncClient, written: str) -> None:
    ticket = await opened(member, "Strange drobbleworth", description=f"{written} quibbleton")
    await said(member, ticket, f"flimberry {written}")
    assert ticket["subject"] in await found(member, "drobbleworth quibbleton")
    assert ticket["subject"] in await found(member, "flimberry")


async def test_nothing_typed_narrows_nothing_and_no_words_find_nothing(
    member: httpx2.AsyncClient,
) -> None:
    await opened(member, "Anything at all")
    assert "Anything at all" in await found(member, "   ")
    assert await found(member, "?!") == []
    assert await found(member, "-anything") == []


@pytest.mark.parametrize(
    "typed",
    [
        "'; DROP TABLE tickets; --",
        "foo:* & !bar | (baz)",
        "a <-> b",
        "\\",
        "''''",
        '"""',
        "%_%",
        "((((((",
        "=t",
        "or or or",
        "- -- ---",
        "\u202e\u200b",
        "💥 " * 50,
        "or " * 66,
    ],
)
async def test_no_input_breaks_the_search(member: httpx2.AsyncClient, typed: str) -> None:
    answer = await member.get("/v1/tickets", params={"q": typed})
    assert answer.status_code == 200, answer.text


async def test_a_query_that_is_too_long_is_refused(member: httpx2.AsyncClient) -> None:
    answer = await member.get("/v1/tickets", params={"q": "a" * 201})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "q"
