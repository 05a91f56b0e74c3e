"""Lists page by page, by key and not by offset: stable while rows are added, as fast at the end
as at the beginning.

A list is given as branches, each a way in which somebody may see a row (his own, his
organization's, those he takes part in). Each branch finds its next rows by an index of its own
and the union of a few is sorted: as one OR the same question walks the whole table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import Subquery

Value = str | int | datetime
RowType = TypeVar("RowType")
#: A select of any columns.
AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class SortKey:
    """One way to sort: the column, what it holds, and what must be joined to reach it.

    Rows without a value come last, whichever the direction."""

    column: InstrumentedAttribute[Any]
    kind: type[str] | type[int] | type[datetime]
    nullable: bool = False
    join: Callable[[AnySelect], AnySelect] | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Behind which row a page begins: its value (`None`: among those without) and its id."""

    value: Value | None
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[RowType]):
    """The rows of a page, and where the next one begins."""

    rows: Sequence[RowType]
    next: Position | None


async def fetch_page(
    session: AsyncSession,
    *,
    branches: Sequence[ColumnElement[bool]],
    source: type[Any],
    sort: SortKey,
    descending: bool,
    after: Position | None,
    limit: int,
    rows: Callable[[Subquery], AnySelect],
) -> Page[Row[Any]]:
    """The next `limit` rows of `source` (a model with `id`) that one of `branches` lets through.

    `rows` makes the select of what is shown from the ids found (columns `id`, `sort_value`);
    it need not sort."""
    found: list[Row[Any]] = []
    phases = [False, True] if sort.nullable else [False]
    for nulls in phases:
        if after is not None and after.value is None and not nulls:
            continue
        begin = after if after is not None and (after.value is None) == nulls else None
        left = limit + 1 - len(found)
        if left <= 0:
            break
        hits = _hits(branches, source, sort, descending, begin, left, nulls=nulls)
        shown = rows(hits).add_columns(
            hits.c.id.label("position_id"), hits.c.sort_value.label("position_value")
        )
        direction = "desc" if descending else "asc"
        order = (
            getattr(hits.c.sort_value, direction)(),
            getattr(hits.c.id, direction)(),
        )
        found += (await session.execute(shown.order_by(*order))).all()
    more = len(found) > limit
    last = found[limit - 1] if more else None
    behind = None if last is None else Position(last.position_value, last.position_id)
    return Page(found[:limit], behind)


def _hits(
    branches: Sequence[ColumnElement[bool]],
    source: type[Any],
    sort: SortKey,
    descending: bool,  # noqa: FBT001
    begin: Position | None,
    limit: int,
    *,
    nulls: bool,
) -> Subquery:
    direction = "desc" if descending else "asc"

    def branch(condition: ColumnElement[bool]) -> AnySelect:
        statement: AnySelect = select(source.id.label("id"), sort.column.label("sort_value"))
        if sort.join is not None:
            statement = sort.join(statement)
        statement = statement.where(condition)
        if sort.nullable:
            statement = statement.where(
                sort.column.is_(None) if nulls else sort.column.is_not(None)
            )
        if begin is not None:
            statement = statement.where(_behind(source, sort, begin, descending=descending))
        order = [getattr(source.id, direction)()]
        if not nulls:
            order.insert(0, getattr(sort.column, direction)())
        return statement.order_by(*order).limit(limit)

    if len(branches) == 1:
        return branch(branches[0]).subquery("hits")
    each = [select(branch(condition).subquery()) for condition in branches]
    together = union(*each).subquery()
    order = [getattr(together.c.id, direction)()]
    if not nulls:
        order.insert(0, getattr(together.c.sort_value, direction)())
    return select(together).order_by(*order).limit(limit).subquery("hits")


def _behind(
    source: type[Any],
    sort: SortKey,
    begin: Position,
    *,
    descending: bool,
) -> ColumnElement[bool]:
    if begin.value is None:
        after: ColumnElement[bool] = source.id < begin.id if descending else source.id > begin.id
        return after
    here = tuple_(sort.column, source.id)
    there = tuple_(begin.value, begin.id)
    behind: ColumnElement[bool] = here < there if descending else here > there
    return behind


async def count(
    session: AsyncSession, *, branches: Sequence[ColumnElement[bool]], source: type[Any]
) -> int:
    """How many rows the branches let through together."""
    each = [select(source.id).where(condition) for condition in branches]
    together = each[0].subquery() if len(each) == 1 else union(*each).subquery()
    return await session.scalar(select(func.count()).select_from(together)) or 0
