"""What tables are made of: names of constraints, column types, and the mixins models share."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, MetaData, SmallInteger, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

#: A moment, always with its zone.
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
#: A place in the order of the portal definition, so that lists can sort by it.
Rank = Annotated[int, mapped_column(SmallInteger)]
#: Text sorted by its code points: the embedded server has no ICU, and keysets need one order.
SortText = Annotated[str, mapped_column(Text(collation="C"))]


class Base(DeclarativeBase):
    """Every table. Constraint names follow one pattern, so migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True)}  # noqa: RUF012


class Tenanted:
    """A row of one tenant: the first column of its primary key, and of every other key."""

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)


class Identified(Tenanted):
    """A row with an id of its own (UUIDv7, made by the application)."""

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class Referenced(Identified):
    """A row that may have an external reference: another system, and its key there (S3-22)."""

    external_source: Mapped[str | None]
    external_key: Mapped[str | None]


class Versioned:
    """A row that people change: `version` goes up by one with each change (see `web/etag.py`)."""

    version: Mapped[int] = mapped_column(default=1)


#: What the wall asks of anything that belongs to a ticket.
_PLACE = ("organization_id", "department", "requester_id")


class OfTicket:
    """A row that belongs to a ticket and carries what the wall asks of it (`place_of_ticket`).

    A policy that asked the ticket instead would ask participants, which ask the ticket: an
    endless circle."""

    ticket_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    department: Mapped[str]
    requester_id: Mapped[UUID]


def place_of_ticket(name: str, **options: Any) -> ForeignKeyConstraint:
    """The foreign key that keeps a row's place that of its ticket: whoever writes a row into
    another's ticket under a place of his own is refused, and moving a ticket moves what belongs
    to it in the same statement."""
    return ForeignKeyConstraint(
        ["tenant_id", "ticket_id", *_PLACE],
        ["tickets.tenant_id", "tickets.id", *(f"tickets.{column}" for column in _PLACE)],
        name=name,
        onupdate="CASCADE",
        **options,
    )
