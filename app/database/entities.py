"""Entities whose rows were written or read by a question, without the ORM's unit of work.

That finds out what has changed, in which order it must be written and what came back, which takes
longer than the driver and PostgreSQL need for one row (`benchmarks/README.md`). Where an action
knows all that, it creates the entity, writes its values with a question, and lets the session have
it once something may change it."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, set_committed_value
from sqlalchemy.orm.util import identity_key

from app.database.base import Base

Kind = TypeVar("Kind", bound=Base)


@cache
def columns_of(kind: type[Base]) -> tuple[str, ...]:
    """The names of what an entity of this kind holds."""
    return tuple(attribute.key for attribute in inspect(kind).column_attrs)


def values_of(entity: Base) -> dict[str, Any]:
    """Everything an entity has, by the names of its columns; `None` where nothing was set."""
    held = instance_dict(entity)
    return {name: held.get(name) for name in columns_of(type(entity))}


def adopt(session: AsyncSession, entity: Base) -> None:
    """Let the session have an entity as its row now is: it is found by its key, and changes made
    from here on are written. Nothing happens where the session has it already."""
    if inspect(entity).transient:
        instance_dict(entity).update(values_of(entity))
        make_transient_to_detached(entity)
        session.add(entity)


def entity_of(session: AsyncSession, kind: type[Kind], row: Any) -> Kind:
    """The session's entity of a row that a question has just read and locked: as that row is,
    whatever the session knew of it."""
    key = identity_key(kind, tuple(getattr(row, name) for name in _key_of(kind)))
    held: Kind | None = session.identity_map.get(key)
    if held is None:
        held = kind()
        instance_dict(held).update((name, getattr(row, name)) for name in columns_of(kind))
        adopt(session, held)
    else:
        for name in columns_of(kind):
            set_committed_value(held, name, getattr(row, name))
    return held


@cache
def _key_of(kind: type[Base]) -> tuple[str, ...]:
    return tuple(column.name for column in inspect(kind).primary_key)
