"""Signing in: passwords, sessions and their tokens, one-time tokens, and rate limits.

Row-level security opens these tables to the system alone, except for a person's own sessions.
"""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, Tenanted


class Credential(Tenanted, Base):
    """A person's password, hashed with Argon2id."""

    __tablename__ = "credentials"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    must_change: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[Moment]


class SignedInSession(Identified, Base):
    """A session: a family of tokens that is revoked as one. With an `app_id` it belongs to an app
    that acts for the person within its scopes."""

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["tenant_id", "app_id"], ["apps.tenant_id", "apps.id"]),
        CheckConstraint("delivery IN ('cookie', 'tokens')", name="delivery"),
        CheckConstraint("(app_id IS NULL) = (scopes IS NULL)", name="of_app"),
        Index(None, "tenant_id", "person_id"),
        Index(
            "ix_sessions_app_id",
            "tenant_id",
            "app_id",
            postgresql_where=text("app_id IS NOT NULL"),
        ),
    )

    person_id: Mapped[UUID]
    delivery: Mapped[str]
    device: Mapped[str | None]
    network: Mapped[str | None]
    created_at: Mapped[Moment]
    last_used_at: Mapped[Moment]
    idle_seconds: Mapped[int]
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    #: Whether a provider said who he is: it answers for its own second factor.
    vouched_for: Mapped[bool] = mapped_column(default=False)
    app_id: Mapped[UUID | None]
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))


class SessionToken(Tenanted, Base):
    """One token of a session. `given_for` is the refresh token that it was exchanged for; that one
    stays valid until a token that was given for it is first used."""

    __tablename__ = "session_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "session_id"], ["sessions.tenant_id", "sessions.id"], ondelete="CASCADE"
        ),
        CheckConstraint("kind IN ('access', 'refresh', 'cookie')", name="kind"),
        Index(None, "fingerprint"),
        Index(None, "tenant_id", "session_id"),
    )

    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    kind: Mapped[str]
    given_for: Mapped[bytes | None]
    expires_at: Mapped[Moment]
    first_used_at: Mapped[Moment | None]
    succeeded_at: Mapped[Moment | None]


class OneTimeToken(Identified, Base):
    """A secret that works once: of a link (reset, activation, invitation), or of the challenge
    between a right password and the second factor, with how that sign-in began. One conditional
    update consumes it."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        CheckConstraint(
            "purpose IN ('activation', 'password_reset', 'invitation', 'second_factor')",
            name="purpose",
        ),
        Index(None, "fingerprint"),
        Index(None, "tenant_id", "person_id"),
    )

    person_id: Mapped[UUID]
    purpose: Mapped[str]
    fingerprint: Mapped[bytes]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    delivery: Mapped[str | None]
    way: Mapped[str | None]


class GuessCounter(Tenanted, Base):
    """The state of a rate limit: the theoretical arrival time of GCRA, for each bucket."""

    __tablename__ = "guess_counters"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)

    bucket: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    arrives_at: Mapped[Moment]
