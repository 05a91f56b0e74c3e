"""Pages of lists by key and not by offset: stable while rows are added, and as fast at the end as
at the beginning.

A list is given as branches, each a way in which somebody may see a row (his own, his
organization's, those he takes part in). Each branch finds its next rows by an index of its own, and
their union is sorted: with one OR instead, the same query reads the whole table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import Subquery

from app.database.conditions import AnyCondition, kept

Value = str | int | datetime
RowType = TypeVar("RowType")
#: A select of any columns.
AnySelect = Select[*tuple[Any, ...]]
_LIMIT = bindparam("page_limit", type_=Integer)


@dataclass(frozen=True, slots=True, eq=False)
class SortKey:
    """One way to sort: the column, the type of its values, and the join needed for it.

    Rows without a value come last, in either direction."""

    column: InstrumentedAttribute[Any]
    kind: type[str] | type[int] | type[datetime]
    nullable: bool = False
    join: Callable[[AnySelect], AnySelect] | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The row after which a page begins: its value (`None`: among those without one) and its id."""

    value: Value | None
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[RowType]):
    """The rows of a page, and where the next page begins."""

    rows: Sequence[RowType]
    next: Position | None


async def fetch_page(
    session: AsyncSession,
    *,
    branches: Sequence[AnyCondition | ColumnElement[bool]],
    source: type[Any],
    sort: SortKey,
    descending: bool,
    after: Position | None,
    limit: int,
    rows: Callable[[Subquery], AnySelect],
    bound: Mapping[str, Any] | None = None,
) -> Page[Any]:
    """The next `limit` rows of `source` (a model with `id`) that one of `branches` lets through.

    `rows` makes the select of what is shown from the ids found (columns `id`, `sort_value`); it
    need not sort. Where the branches are conditions as data, the statement is cached, and its rows
    are columns, never entities: then `rows` must be a permanent function, and its parameters are
    given by `bound`."""
    found: list[Any] = []
    for nulls in [False, True] if sort.nullable else [False]:
        if after is not None and after.value is None and not nulls:
            continue
        begin = after if after is not None and (after.value is None) == nulls else None
        left = limit + 1 - len(found)
        if left <= 0:
            break
        page = _PagePart(source, sort, descending, begin is not None, nulls, rows)
        values = {"page_limit": left, **(bound or {})}
        if begin is not None:
            values |= {"page_begin": begin.id} | ({} if nulls else {"page_value": begin.value})
        found += await _rows(session, page, branches, values)
    more = len(found) > limit
    last = found[limit - 1] if more else None
    behind = None if last is None else Position(last.position_value, last.position_id)
    return Page(found[:limit], behind)


async def _rows(
    session: AsyncSession,
    page: "_PagePart",
    branches: Sequence[AnyCondition | ColumnElement[bool]],
    values: Mapping[str, Any],
) -> Sequence[Any]:
    conditions = [each for each in branches if not isinstance(each, ColumnElement)]
    if len(conditions) == len(branches):
        question, asked = kept(page, page.statement, conditions)
        return await question.rows(session, {**asked, **values})
    statement = page.statement([_clause(each) for each in branches])
    return (await session.execute(statement, values)).all()


def _clause(branch: AnyCondition | ColumnElement[bool]) -> ColumnElement[bool]:
    return branch if isinstance(branch, ColumnElement) else branch.clause


@dataclass(frozen=True, slots=True)
class _PagePart:
    """What a page's statement consists of beside its branches: of rows with a value or (`nulls`) of
    those without; from the beginning, or (`begins`) after a row."""

    source: type[Any]
    sort: SortKey
    descending: bool
    begins: bool
    nulls: bool
    rows: Callable[[Subquery], AnySelect]

    def statement(self, branches: Sequence[ColumnElement[bool]]) -> AnySelect:
        hits = self._hits(branches)
        shown = self.rows(hits).add_columns(
            hits.c.id.label("position_id"), hits.c.sort_value.label("position_value")
        )
        return shown.order_by(self._way(hits.c.sort_value), self._way(hits.c.id))

    def _hits(self, branches: Sequence[ColumnElement[bool]]) -> Subquery:
        if len(branches) == 1:
            return self._branch(branches[0]).subquery("hits")
        each = [select(self._branch(condition).subquery()) for condition in branches]
        together = union(*each).subquery()
        order = self._order(together.c.sort_value, together.c.id)
        return select(together).order_by(*order).limit(_LIMIT).subquery("hits")

    def _branch(self, condition: ColumnElement[bool]) -> AnySelect:
        column = self.sort.column
        statement: AnySelect = select(self.source.id.label("id"), column.label("sort_value"))
        if self.sort.join is not None:
            statement = self.sort.join(statement)
        statement = statement.where(condition)
        if self.sort.nullable:
            statement = statement.where(column.is_(None) if self.nulls else column.is_not(None))
        if self.begins:
            statement = statement.where(self._behind())
        return statement.order_by(*self._order(column, self.source.id)).limit(_LIMIT)

    def _behind(self) -> ColumnElement[bool]:
        begin = bindparam("page_begin", type_=self.source.id.type)
        if self.nulls:
            after: ColumnElement[bool] = (
                self.source.id < begin if self.descending else self.source.id > begin
            )
            return after
        here = tuple_(self.sort.column, self.source.id)
        there = tuple_(bindparam("page_value", type_=self.sort.column.type), begin)
        behind: ColumnElement[bool] = here < there if self.descending else here > there
        return behind

    def _order(self, value: Any, row_id: Any) -> list[Any]:
        """Those without a value are sorted by their id alone, as an index has them."""
        return [self._way(row_id)] if self.nulls else [self._way(value), self._way(row_id)]

    def _way(self, column: Any) -> Any:
        return column.desc() if self.descending else column.asc()


async def count(
    session: AsyncSession,
    *,
    branches: Sequence[AnyCondition | ColumnElement[bool]],
    source: type[Any],
) -> int:
    """How many rows the branches let through together."""
    each = [select(source.id).where(_clause(condition)) for condition in branches]
    together = each[0].subquery() if len(each) == 1 else union(*each).subquery()
    return await session.scalar(select(func.count()).select_from(together)) or 0
