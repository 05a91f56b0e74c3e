"""Conditions of joins that stay inside a tenant."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute


def equal_in_tenant(
    one: InstrumentedAttribute[Any], other: InstrumentedAttribute[Any]
) -> ColumnElement[bool]:
    """Both columns are equal, in rows of the same tenant: `equal_in_tenant(Person.id,
    Comment.author_id)` joins a comment with its author."""
    tenants: ColumnElement[bool] = _rows_of(one).tenant_id == _rows_of(other).tenant_id
    return tenants & (one == other)


def _rows_of(column: InstrumentedAttribute[Any]) -> Any:
    """The model, or the alias of one, that a column was taken from."""
    return column.parent.entity
