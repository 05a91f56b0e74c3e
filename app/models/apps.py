"""OAuth apps that act for people: clients, authorization requests and consents."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, SortText, Tenanted, Versioned


def _of_app() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "app_id"], ["apps.tenant_id", "apps.id"])


def _of_person(ondelete: str | None = None) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete=ondelete
    )


class App(Identified, Versioned, Base):
    """An OAuth client. Its id is its `client_id`. With a `person_id`, which is a service account,
    it may also act by itself (client credentials)."""

    __tablename__ = "apps"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        _of_person(),
        CheckConstraint("kind IN ('public', 'confidential')", name="kind"),
        CheckConstraint(
            "(kind = 'confidential') = (secret_fingerprint IS NOT NULL)"
            " AND (kind = 'confidential' OR (person_id IS NULL AND NOT introspects))",
            name="secret",
        ),
        Index("ix_apps_id", "id"),
        Index(None, "tenant_id", "sort_name", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )

    name: Mapped[str]
    sort_name: Mapped[SortText]
    kind: Mapped[str]
    redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(Text))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret_fingerprint: Mapped[bytes | None]
    person_id: Mapped[UUID | None]
    introspects: Mapped[bool]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    removed_at: Mapped[Moment | None]


class AuthorizationRequest(Identified, Base):
    """An authorization request of an app (RFC 6749, 4.1). It is decided once, by the person who is
    signed in, and its code is exchanged once."""

    __tablename__ = "authorization_requests"
    __table_args__ = (
        _of_app(),
        _of_person(ondelete="CASCADE"),
        Index(None, "tenant_id", "fingerprint"),
        Index(None, "tenant_id", "code_fingerprint"),
    )

    app_id: Mapped[UUID]
    fingerprint: Mapped[bytes]
    redirect_uri: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str | None]
    challenge: Mapped[str]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    decided_at: Mapped[Moment | None]
    #: Whether whoever decided was signed in by a provider's word.
    vouched_for: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[UUID | None]
    code_fingerprint: Mapped[bytes | None]
    code_expires_at: Mapped[Moment | None]
    exchanged_at: Mapped[Moment | None]
    session_id: Mapped[UUID | None]


class AppConsent(Tenanted, Base):
    """The scopes that a person has granted to an app."""

    __tablename__ = "app_consents"
    __table_args__ = (_of_app(), _of_person(ondelete="CASCADE"))

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    app_id: Mapped[UUID] = mapped_column(primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    allowed_at: Mapped[Moment]
