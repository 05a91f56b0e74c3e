"""The full-text index of tickets. Triggers write it, only `wall.search_tickets` reads it."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, OfTicket, place_of_ticket


class SearchEntry(Identified, OfTicket, Base):
    """The words of a ticket (`id` is the ticket's) or of one comment on it, with its subject."""

    __tablename__ = "ticket_search"
    __table_args__ = (
        place_of_ticket("fk_ticket_search_of_ticket", ondelete="CASCADE"),
        CheckConstraint("visibility IN ('public', 'internal', 'private')", name="visibility"),
        Index(None, "tenant_id", "ticket_id"),
        Index(
            "ix_ticket_search_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    visibility: Mapped[str]
    author_id: Mapped[UUID | None]
    #: Where the ticket's number stands among its tenant's; part of what each word is kept under.
    era: Mapped[int]
    words: Mapped[str] = mapped_column(TSVECTOR)
