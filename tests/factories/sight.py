"""Which rows a rule of the law lets through, computed in memory.

The rule's own logic, on rows that are written down beside the answer, in milliseconds. What
PostgreSQL and its wall answer to somebody who asks is `tests/isolation`'s question."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, create_engine, insert, inspect, select

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


def found(asked: Select[UUID], rows: Iterable[Base]) -> set[UUID]:
    """What a question about ids finds where there are these rows."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for table in Base.metadata.tables.values():
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            connection.exec_driver_sql(f'CREATE TABLE "{table.name}" ({columns})')
        for each in rows:
            mapper = inspect(each).mapper
            values = {key: getattr(each, key) for key in vars(each) if key in mapper.column_attrs}
            connection.execute(insert(type(each)).values(values))
        answer = set(connection.scalars(asked))
    engine.dispose()
    return answer


def seen(law: ColumnElement[bool], rows: Mapping[str, Any], *beside: Base) -> set[str]:
    """The names of those rows that the rule lets through; `beside` is what else there is."""
    assert isinstance(law, ColumnElement)  # no rule would let through nothing, and say nothing
    kind = type(next(iter(rows.values())))
    ids = found(select(kind.id).where(law), [*rows.values(), *beside])
    return {name for name, each in rows.items() if each.id in ids}
