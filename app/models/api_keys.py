"""API keys: what they may, whose they are, their secrets, and from where they were used."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, SortText, Tenanted


class ApiKey(Identified, Base):
    """A key with which a script acts as its owner, as far as its scopes go; perhaps in one
    organization alone."""

    __tablename__ = "api_keys"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["tenant_id", "created_by"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organizations.tenant_id", "organizations.id"]
        ),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "sort_name", "id"),
    )

    person_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    name: Mapped[str]
    sort_name: Mapped[SortText]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[Moment]
    created_by: Mapped[UUID | None]
    revoked_at: Mapped[Moment | None]


def _of_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "api_key_id"], ["api_keys.tenant_id", "api_keys.id"], ondelete="CASCADE"
    )


class ApiKeySecret(Tenanted, Base):
    """The hash of what a script holds. Of one key two may be good: while it is rotated."""

    __tablename__ = "api_key_secrets"
    __table_args__ = (
        _of_key(),
        Index(None, "fingerprint"),
        Index(None, "tenant_id", "api_key_id"),
    )

    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    api_key_id: Mapped[UUID]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    last_used_at: Mapped[Moment | None]


class ApiKeyUse(Tenanted, Base):
    """That a key was used on a day from a network: the first use is written into the journal."""

    __tablename__ = "api_key_uses"
    __table_args__ = (_of_key(),)

    api_key_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(primary_key=True)
