"""Page by page: whatever the sort, each row comes once, in the order Python would sort them."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, Text, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.selectable import Subquery

from app.database.base import Moment
from app.database.paging import AnySelect, Page, Position, SortKey, count, fetch_page
from app.database.session import Database
from app.database.tenancy import Nowhere
from tests.cluster import Addresses

_TABLE = text(
    'CREATE TEMPORARY TABLE things (id uuid PRIMARY KEY, name text COLLATE "C", rank smallint,'
    " at timestamptz, owner text) ON COMMIT DROP"
)
#: An hour of which there are two in Helsinki, as the clock is put back.
_TWICE = datetime(2026, 10, 24, 23, tzinfo=UTC)


class _Base(DeclarativeBase):
    pass


class Thing(_Base):
    __tablename__ = "things"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(collation="C"))
    rank: Mapped[int | None]
    at: Mapped[Moment]
    owner: Mapped[str]


SORTS = {
    "name": SortKey(Thing.name, str),
    "rank": SortKey(Thing.rank, int, nullable=True),
    "at": SortKey(Thing.at, datetime),
}
EVERYTHING: tuple[ColumnElement[bool], ...] = (Thing.owner != "",)
#: They overlap: what is bo's and ranked is in all three.
WAYS = (Thing.owner == "bo", Thing.rank.is_not(None), Thing.owner.in_(["bo", "al"]))


@pytest.fixture
async def session(addresses: Addresses, database_name: str) -> AsyncIterator[AsyncSession]:
    """A transaction with an empty table of things, that is never kept."""
    url = addresses.url("superuser", database_name)
    database = Database(url, pool_size=1, name="tests")
    try:
        async with database.session(Nowhere()) as session:
            await session.execute(text("SET LOCAL TIME ZONE 'Europe/Helsinki'"))
            await session.execute(_TABLE)
            yield session
    finally:
        await database.close()


def things(chance: Random, many: int) -> list[dict[str, Any]]:
    """Rows with many ties, and many without a rank."""
    return [
        {
            "id": UUID(int=chance.getrandbits(128)),
            "name": chance.choice(["", "a", "aa", "Z", "z", "ä", "{1", "\U0001f600"]),
            "rank": chance.choice([None, None, 0, 1, 2]),
            "at": _TWICE + timedelta(minutes=30 * chance.randrange(6)),
            "owner": chance.choice(["bo", "al", "cy"]),
        }
        for _ in range(many)
    ]


def sorted_as_python_does(
    rows: Sequence[dict[str, Any]], key: str, *, descending: bool
) -> list[UUID]:
    with_value = [row for row in rows if row[key] is not None]
    without = [row for row in rows if row[key] is None]
    with_value.sort(key=lambda row: (row[key], row["id"]), reverse=descending)
    without.sort(key=lambda row: row["id"], reverse=descending)
    return [row["id"] for row in (*with_value, *without)]


async def page(
    session: AsyncSession,
    key: str,
    ways: Sequence[ColumnElement[bool]] = EVERYTHING,
    *,
    descending: bool = False,
    after: Position | None = None,
    limit: int = 3,
) -> Page[Any]:
    def rows(hits: Subquery) -> AnySelect:
        return select(Thing).join(hits, hits.c.id == Thing.id)

    return await fetch_page(
        session,
        branches=ways,
        source=Thing,
        sort=SORTS[key],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )


async def walked(
    session: AsyncSession, key: str, ways: Sequence[ColumnElement[bool]], **how: Any
) -> list[UUID]:
    found: list[UUID] = []
    after = None
    while True:
        got = await page(session, key, ways, after=after, **how)
        assert len(got.rows) <= how["limit"]
        found += [row[0].id for row in got.rows]
        after = got.next
        if after is None:
            return found
        assert len(got.rows) == how["limit"]


@pytest.mark.parametrize("ways", [EVERYTHING, WAYS], ids=["one way", "three ways"])
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("key", SORTS)
async def test_every_row_comes_once_and_in_its_place(
    session: AsyncSession, key: str, descending: bool, ways: Sequence[ColumnElement[bool]]
) -> None:
    chance = Random(f"{key}{descending}{len(ways)}")
    for many in (0, 1, 2, 3, 4, 6, 14):
        rows = things(chance, many)
        await session.execute(delete(Thing))
        if rows:
            await session.execute(insert(Thing), rows)
        seen = [
            row
            for row in rows
            if ways is EVERYTHING or row["owner"] in {"bo", "al"} or row["rank"] is not None
        ]
        wanted = sorted_as_python_does(seen, key, descending=descending)
        for limit in (1, 2, 3, 14):
            found = await walked(session, key, ways, descending=descending, limit=limit)
            assert found == wanted, (many, limit)
        assert await count(session, branches=ways, source=Thing) == len(wanted)


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("key", SORTS)
async def test_rows_added_meanwhile_move_nothing(
    session: AsyncSession, key: str, descending: bool
) -> None:
    chance = Random(key)
    first, added = things(chance, 9), things(chance, 9)
    await session.execute(insert(Thing), first)
    found: list[UUID] = []
    after = None
    for more in [*([row] for row in added), *([] for _ in range(20))]:
        got = await page(session, key, descending=descending, after=after, limit=1)
        found += [row[0].id for row in got.rows]
        after = got.next
        if after is None:
            break
        if more:
            await session.execute(insert(Thing), more)
    assert len(found) == len(set(found))
    old = [row["id"] for row in first]
    assert [each for each in found if each in old] == sorted_as_python_does(
        first, key, descending=descending
    )


async def test_a_page_goes_on_behind_a_row_that_is_gone(session: AsyncSession) -> None:
    rows = things(Random(3), 6)
    await session.execute(insert(Thing), rows)
    wanted = sorted_as_python_does(rows, "rank", descending=False)
    got = await page(session, "rank", limit=2)
    await session.execute(delete(Thing).where(Thing.id == wanted[1]))
    rest = await page(session, "rank", after=got.next, limit=9)
    assert [row[0].id for row in rest.rows] == wanted[2:]


async def test_where_nobody_has_a_way_there_is_nothing(session: AsyncSession) -> None:
    await session.execute(insert(Thing), things(Random(5), 3))
    got = await page(session, "name", [Thing.owner == "nobody"])
    assert (list(got.rows), got.next) == ([], None)
    assert await count(session, branches=[Thing.owner == "nobody"], source=Thing) == 0
