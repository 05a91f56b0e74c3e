"""Second factors: authenticator apps (TOTP), and recovery codes for a lost phone.

As with passwords, row-level security opens these tables to the system alone.
"""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, Tenanted


class TotpFactor(Identified, Base):
    """An authenticator app (RFC 6238). It is in force once a first code has confirmed it."""

    __tablename__ = "totp_factors"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        Index(None, "tenant_id", "person_id"),
    )

    person_id: Mapped[UUID]
    label: Mapped[str]
    sealed_secret: Mapped[bytes]
    created_at: Mapped[Moment]
    confirmed_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]
    #: Number of the last time step whose code was taken: none is taken twice (RFC 6238, 5.2).
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Tenanted, Base):
    """A code that replaces the authenticator app once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        Index(None, "tenant_id", "person_id"),
    )

    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    used_at: Mapped[Moment | None]
