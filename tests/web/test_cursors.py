"""Cursors: opaque, tied to their list, and harmless whatever is made of them."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient

from app.kernel.sorting import sort_key
from tests.desk import Desk
from tests.factories.tickets import codes, commented, opened

LIST = "/v1/tickets"


@pytest.fixture(scope="module")
async def some(desk: Desk) -> list[dict[str, Any]]:
    member = await desk.client("member@acme.example")
    return [await opened(member) for _ in range(3)]


async def cursor_of(client: AsyncClient, query: str = "", path: str = LIST) -> str:
    page = (await client.get(f"{path}?limit=1&{query}")).json()
    assert page["next_cursor"]
    return str(page["next_cursor"])


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def told(cursor: str) -> list[Any]:
    return json.loads(base64.urlsafe_b64decode(cursor + "=="))  # type: ignore[no-any-return]


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("sort=number", "sort=-number"),
        ("sort=number", "sort=created_at"),
        ("sort=number", ""),
        ("", "state=open"),
        ("state=open", ""),
        ("type=bug", "type=bug&type=support"),
        ("mine=true", "mine=false"),
        ("created_from=2020-01-01T00:00:00Z", "created_from=2020-01-02T00:00:00Z"),
    ],
)
async def test_a_cursor_of_another_sort_or_filter_is_refused(
    member: AsyncClient, first: str, then: str
) -> None:
    cursor = await cursor_of(member, first)
    answer = await member.get(f"{LIST}?{then}&cursor={cursor}")
    assert codes(answer)[:2] == (422, "invalid-cursor")


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("", "sort=-created_at"),
        ("sort=-created_at", ""),
        ("", "limit=2"),
        ("", "include=total"),
        ("type=bug&state=open", "state=open&type=bug"),
    ],
)
async def test_a_cursor_goes_on_with_the_same_list_however_it_is_asked_for(
    member: AsyncClient, first: str, then: str
) -> None:
    cursor = await cursor_of(member, first)
    assert (await member.get(f"{LIST}?{then}&cursor={cursor}")).status_code == 200


async def test_a_cursor_of_another_list_is_refused(
    member: AsyncClient, some: list[dict[str, Any]]
) -> None:
    for ticket in some[:2]:
        for _ in range(2):
            await commented(member, ticket)
    first, second = (f"{LIST}/{ticket['id']}/comments" for ticket in some[:2])
    cursor = await cursor_of(member, path=first)
    assert (await member.get(f"{first}?cursor={cursor}")).status_code == 200
    for path in (second, LIST, f"{LIST}/{some[0]['id']}/history"):
        answer = await member.get(f"{path}?cursor={cursor}")
        assert codes(answer)[:2] == (422, "invalid-cursor"), path


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "=",
        "====",
        "a b",
        "%C3%A9",
        "bnVsbA",
        forged(),
        forged(1, 2, 3),
        forged(1, 2, 3, 4, 5),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b'"abcd"').decode(),
        base64.urlsafe_b64encode(b"[" * 600).decode(),
        "A" * 1000,
    ],
)
async def test_what_is_no_cursor_is_refused(member: AsyncClient, cursor: str) -> None:
    answer = await member.get(f"{LIST}?cursor={cursor}")
    assert codes(answer)[:2] == (422, "invalid-cursor")


#: Values that no column holds, whatever its kind.
IMPOSSIBLE: tuple[Any, ...] = ([], {}, True, 1.5, 2**31, 2**63, -(2**40), "a\0b")
#: Values that only texts hold.
TEXTS = ("2020-01-01", "2020-01-01T00:00:00", "9999-99-99T00:00:00Z", "infinity", "")


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("sort", "values"),
    [
        ("number", (*IMPOSSIBLE, *TEXTS, None)),
        ("severity", (*IMPOSSIBLE, *TEXTS)),
        ("subject", (*IMPOSSIBLE, None)),
        ("requester", (*IMPOSSIBLE, None)),
        ("created_at", (*IMPOSSIBLE, *TEXTS, None)),
        ("closed_at", (*IMPOSSIBLE, *TEXTS)),
    ],
)
async def test_a_cursor_whose_value_was_changed_is_refused(
    member: AsyncClient, sort: str, values: tuple[Any, ...]
) -> None:
    parts = told(await cursor_of(member, f"sort={sort}"))
    for value in values:
        cursor = forged(*parts[:2], value, *parts[3:])
        answer = await member.get(f"{LIST}?sort={sort}&cursor={cursor}")
        assert codes(answer)[:2] == (422, "invalid-cursor"), value


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_the_ends_of_time_are_places_like_others(member: AsyncClient, value: str) -> None:
    parts = told(await cursor_of(member, "sort=created_at"))
    parts[2] = value
    answer = await member.get(f"{LIST}?sort=created_at&cursor={forged(*parts)}")
    assert answer.status_code == 200


@pytest.mark.usefixtures("some")
async def test_a_cursor_behind_another_row_shows_no_more_than_the_list(
    member: AsyncClient, some: list[dict[str, Any]]
) -> None:
    parts = told(await cursor_of(member, "sort=number"))
    parts[2:] = [0, str(uuid4())]
    page = (await member.get(f"{LIST}?sort=number&limit=100&cursor={forged(*parts)}")).json()
    whole = (await member.get(f"{LIST}?sort=number&limit=100")).json()
    assert page["items"] == whole["items"]


@pytest.mark.parametrize("letters", ["한" * 130, "ﷺ" * 130, "\U0001f600" * 130, "ΐ" * 130])
async def test_the_longest_subject_has_a_cursor_that_is_taken_back(
    member: AsyncClient, letters: str
) -> None:
    for _ in range(2):
        await opened(member, subject=letters)
    assert len(sort_key(letters)) <= 120
    path = f"{LIST}?sort=-subject&limit=1"
    cursor: str | None = ""
    for _ in range(4):
        page = await member.get(f"{path}&cursor={cursor}" if cursor else path)
        assert page.status_code == 200, page.text
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
