"""Bodies over HTTP: their size, their kind, what stands in them, and where it is refused."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import answers, codes, opened

TICKETS = "/v1/tickets"
_JSON = {"Content-Type": "application/json"}


@pytest.fixture
def small_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> int:
    told = desk.settings.model_copy(update={"body_limit_bytes": 2000})
    monkeypatch.setitem(desk.app.state._state, "settings", told)
    return 2000


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_a_body_is_refused_by_what_it_says_of_its_length(
    member: AsyncClient, small_limit: int
) -> None:
    body = b" " * (small_limit + 1)
    answer = await member.post(TICKETS, content=body, headers=_JSON)
    assert codes(answer) == (413, "body-too-large", [])
    assert str(small_limit) in answer.json()["detail"]


async def test_a_body_that_does_not_say_how_long_it_is_is_refused_while_it_arrives(
    member: AsyncClient, small_limit: int
) -> None:
    sent = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * 1000

    answer = await member.post(TICKETS, content=without_end(), headers=_JSON)
    assert codes(answer) == (413, "body-too-large", [])
    assert sent >= 3


async def test_a_length_of_five_thousand_digits_is_too_large(
    member: AsyncClient, small_limit: int
) -> None:
    headers = {**_JSON, "Content-Length": "9" * 5000}
    answer = await member.post(TICKETS, content=in_pieces(b"{}"), headers=headers)
    assert answer.status_code == 413


async def test_a_body_as_long_as_the_limit_is_read(member: AsyncClient, small_limit: int) -> None:
    body = b"{}".ljust(small_limit)
    answer = await member.post(TICKETS, content=in_pieces(body[:7], body[7:]), headers=_JSON)
    assert answer.status_code == 422


async def test_whoever_has_not_signed_in_cannot_send_more_either(
    nobody: AsyncClient, small_limit: int
) -> None:
    body = b" " * (small_limit + 1)
    answer = await nobody.post("/v1/portals/crm-service/sessions", content=body, headers=_JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonl", None]
)
async def test_another_kind_of_body_is_refused(member: AsyncClient, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await member.post(TICKETS, content=b"{}", headers=headers)
    assert codes(answer) == (415, "unsupported-media-type", [])


async def test_json_may_say_its_character_set(member: AsyncClient) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = await member.post(TICKETS, content=b"{}", headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize("headers", [{}, _JSON])
async def test_no_body_at_all_is_one_that_lacks(
    member: AsyncClient, headers: dict[str, str]
) -> None:
    answer = await member.post(TICKETS, content=b"", headers=headers)
    assert codes(answer) == (422, "invalid-input", [("", "required")])


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"3", b"null"])
async def test_a_body_must_be_an_object(member: AsyncClient, body: bytes) -> None:
    answer = await member.post(TICKETS, content=body, headers=_JSON)
    status, code, places = codes(answer)
    assert (status, code) == (422, "invalid-input")
    assert [place for place, _ in places] == [""]


@pytest.mark.parametrize("body", [b"{", b'{"a": 1, "a": 2}', b'{"subject": NaN}', b"[" * 9000])
async def test_what_is_no_json_is_said_to_be_none(member: AsyncClient, body: bytes) -> None:
    answer = await member.post(TICKETS, content=body, headers=_JSON)
    assert codes(answer) == (400, "malformed-body", [])


@pytest.mark.parametrize(
    ("given", "place", "code"),
    [
        ({"colour": "red"}, "/colour", "unknown"),
        ({"status": "closed"}, "/status", "unknown"),
        ({"tenant_id": "01a1f5c0-0000-7000-8000-00000000beef"}, "/tenant_id", "unknown"),
        ({"requester": "01a1f5c0-0000-7000-8000-00000000beef"}, "/requester", "unknown"),
        ({"subject": 3}, "/subject", "not-a-text"),
        ({"subject": "x" * 251}, "/subject", "too-long"),
        ({"subject": "\ud800"}, "/subject", "not-a-text"),
        ({"description": "a\0b"}, "/description", "not-a-text"),
        ({"fields": []}, "/fields", "not-an-object"),
        ({"fields": {"a": "\ud800"}}, "/fields/a", "not-a-text"),
        ({"fields": {"a": 2**63}}, "/fields/a", "too-large"),
        ({"fields": {"type": "bug"}}, "/fields/type", "unknown"),
        ({"fields": {"type": ["bug"]}}, "/fields/type", "unknown"),
        ({"attachment_ids": ["x"]}, "/attachment_ids/0", "not-an-id"),
        ({"private": "perhaps"}, "/private", "not-yes-or-no"),
    ],
)
async def test_each_fault_is_named_by_place_and_code(
    member: AsyncClient, given: dict[str, object], place: str, code: str
) -> None:
    body = json.dumps(answers(**given)).encode()
    answer = await member.post(TICKETS, content=body, headers=_JSON)
    assert codes(answer) == (422, "invalid-input", [(place, code)])


async def test_every_fault_is_told_at_once(member: AsyncClient) -> None:
    answer = await member.post(TICKETS, json={"subject": "", "type": "BUG", "colour": 1})
    assert sorted(codes(answer)[2]) == [
        ("/colour", "unknown"),
        ("/subject", "too-short"),
        ("/type", "wrong-form"),
    ]


async def test_what_needs_one_character_is_said_to_be_empty(member: AsyncClient) -> None:
    in_italian = {"Accept-Language": "it"}
    answer = await member.post(TICKETS, json=answers(subject=""), headers=in_italian)
    assert answer.json()["errors"][0]["detail"] == "Questo campo non può essere vuoto."


@pytest.mark.parametrize(
    ("query", "place", "code"),
    [
        ("colour=red", "colour", "unknown"),
        ("limit=0", "limit", "too-small"),
        ("limit=101", "limit", "too-large"),
        ("limit=many", "limit", "not-a-number"),
        ("sort=colour", "sort", "not-a-choice"),
        ("state=ajar", "state", "not-a-choice"),
        ("assignee=me", "assignee", "not-an-id"),
        ("created_from=yesterday", "created_from", "not-a-time"),
        ("created_from=2026-01-01T00:00:00", "created_from", "not-a-time"),
        ("created_to=9999-12-31T23:59:59-23:59", "created_to", "invalid-value"),
        ("created_from=0001-01-01T00:00:00%2B14:00", "created_from", "invalid-value"),
        ("status=a%00b", "status", "not-a-text"),
        ("include=everything", "include", "not-a-choice"),
    ],
)
async def test_a_query_is_refused_by_its_parameter(
    member: AsyncClient, query: str, place: str, code: str
) -> None:
    answer = await member.get(f"{TICKETS}?{query}")
    assert codes(answer) == (422, "invalid-input", [(place, code)])


async def test_an_unknown_parameter_is_refused_where_none_is_known(member: AsyncClient) -> None:
    ticket = await opened(member)
    answer = await member.get(f"{TICKETS}/{ticket['id']}?fields=subject")
    assert codes(answer) == (422, "invalid-input", [("fields", "unknown")])


@pytest.mark.parametrize(
    "reference",
    [
        "01a1f5c0-0000-7000-8000-00000000beef",
        "CRM-99999999",
        "x",
        "1",
        "CRM-",
        "CRM-1x",
        "CRM-0",
        "CRM-1042%0A",
        "XX-1001",
        "%00",
        "a" * 61,
        "%F0%9F%98%80",
        "CRM-%D9%A1%D9%A0%D9%A0%D9%A1",
        "{0}",
        "00000000-0000-0000-0000-00000000000G",
        "urn:uuid:00000000-0000-0000-0000-000000000000",
    ],
)
async def test_a_malformed_id_is_an_unknown_one(member: AsyncClient, reference: str) -> None:
    for path in (reference, f"{reference}/comments", f"{reference}/history"):
        answer = await member.get(f"{TICKETS}/{path}")
        assert answer.status_code == 404, path


async def test_a_malformed_comment_id_is_an_unknown_one(member: AsyncClient) -> None:
    ticket = await opened(member)
    for reference in (str(uuid4()), "x", "a" * 61, "%00"):
        answer = await member.get(f"{TICKETS}/{ticket['id']}/comments/{reference}")
        assert answer.status_code == 404
