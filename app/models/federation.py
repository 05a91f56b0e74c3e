"""Single sign-on: external identities, sign-in attempts at providers, and the sessions that came of
them, so that a provider's logout token can end them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, Tenanted


class ExternalIdentity(Identified, Base):
    """An account at a provider with which a person signs in. It is found by provider, issuer and
    subject, and by nothing else; `account` is only displayed to its owner.

    Or a program of a directory, with which nobody signs in. It acts as a service account, within
    its `scopes`, and is also found by its `client_id`; `account` is its display name."""

    __tablename__ = "external_identities"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("tenant_id", "provider", "issuer", "subject"),
        CheckConstraint(
            "bound_by IN ('invitation', 'directory', 'signed_in', 'administrator')",
            name="bound_by",
        ),
        CheckConstraint(
            "(client_id IS NOT NULL) = (bound_by = 'administrator')"
            " AND (scopes IS NOT NULL) = (bound_by = 'administrator')",
            name="program",
        ),
        Index(None, "tenant_id", "person_id"),
        Index(
            "ix_external_identities_programs",
            "tenant_id",
            "created_at",
            "id",
            postgresql_where=text("client_id IS NOT NULL"),
        ),
    )

    person_id: Mapped[UUID]
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    account: Mapped[str | None]
    bound_by: Mapped[str]
    created_at: Mapped[Moment]
    last_used_at: Mapped[Moment | None]
    checked_at: Mapped[Moment | None]
    client_id: Mapped[str | None]
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))


class SignInAttempt(Identified, Base):
    """A browser was redirected to a provider: what it must return with, and for which purpose.

    `state` and `browser` are hashes. The nonce and the PKCE verifier are derived from the browser's
    secret and stored nowhere, so that reading this table is not enough to complete a sign-in."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "session_id"], ["sessions.tenant_id", "sessions.id"], ondelete="CASCADE"
        ),
        CheckConstraint("purpose IN ('sign_in', 'invitation', 'link')", name="purpose"),
        CheckConstraint("(purpose = 'sign_in') = (person_id IS NULL)", name="person"),
        CheckConstraint("(purpose = 'link') = (session_id IS NOT NULL)", name="session"),
        CheckConstraint("(purpose = 'invitation') = (invitation_id IS NOT NULL)", name="invited"),
        Index(None, "state"),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "session_id"),
    )

    purpose: Mapped[str]
    provider: Mapped[str]
    state: Mapped[bytes]
    browser: Mapped[bytes]
    return_to: Mapped[str]
    person_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    invitation_id: Mapped[UUID | None]
    link: Mapped[bytes | None]
    terms_version: Mapped[str | None]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class FederatedSession(Tenanted, Base):
    """The provider's side of a session: its id there, and the address to sign out there."""

    __tablename__ = "federated_sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "session_id"], ["sessions.tenant_id", "sessions.id"], ondelete="CASCADE"
        ),
        Index(None, "tenant_id", "provider", "subject"),
        Index(None, "tenant_id", "provider", "sid"),
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    sid: Mapped[str | None]
    sign_out_url: Mapped[str | None]


class SeenLogoutToken(Tenanted, Base):
    """A logout token that was accepted, so that it cannot be replayed."""

    __tablename__ = "seen_logout_tokens"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)

    provider: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[Moment]
