"""Which rows a rule of the law lets through, computed in memory.

The rule's own logic, on rows that are written down beside the answer, in milliseconds. What
PostgreSQL and its wall answer to somebody who asks is `tests/isolation`'s question."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Select, create_engine, insert, inspect, select
from sqlalchemy.pool import StaticPool

from app.database.base import Base
from app.kernel.ids import new_id
from tests.factories.actors import TENANT

Row = TypeVar("Row", bound=Base)


def row(kind: type[Row], **columns: Any) -> Row:
    """A row with these columns and no others; of the tenant, with an id, unless told otherwise."""
    own = {"tenant_id": TENANT}
    if hasattr(kind, "id"):
        own["id"] = new_id()
    return kind(**{**own, **columns})


@cache
def _memory(names: tuple[str, ...]) -> Engine:
    """These tables, in memory, with nothing in them."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        for name in names:
            columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[name].columns)
            connection.exec_driver_sql(f'CREATE TABLE "{name}" ({columns})')
    return engine


def found(asked: Select[UUID], rows: Iterable[Base]) -> set[UUID]:
    """What a question about ids finds where there are these rows."""
    with _memory(tuple(Base.metadata.tables)).connect() as connection:
        for each in rows:
            columns = inspect(each).mapper.column_attrs
            values = {key: getattr(each, key) for key in vars(each) if key in columns}
            connection.execute(insert(type(each)).values(values))
        answer = set(connection.scalars(asked))
        connection.rollback()
    return answer


def seen(law: ColumnElement[bool], rows: Mapping[str, Any], *beside: Base) -> set[str]:
    """The names of those rows that the rule lets through; `beside` is what else there is."""
    assert isinstance(law, ColumnElement)  # no rule would let through nothing, and say nothing
    kind = type(next(iter(rows.values())))
    ids = found(select(kind.id).where(law), [*rows.values(), *beside])
    return {name for name, each in rows.items() if each.id in ids}
