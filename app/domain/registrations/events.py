"""What happens to registrations."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class RegistrationAsked(AuditEvent):
    """An address was entered. The worker decides which mail it gets."""

    name: ClassVar[str] = "registration.asked"


@dataclass(frozen=True, kw_only=True)
class RegistrationConfirmed(AuditEvent):
    """The owner of the address has confirmed it, and set a password."""

    name: ClassVar[str] = "registration.confirmed"


@dataclass(frozen=True, kw_only=True)
class RegistrationApproved(AuditEvent):
    """`way`: `email_domain`, or by `decision` of somebody."""

    name: ClassVar[str] = "registration.approved"
    person: UUID
    organization: UUID
    role: str
    way: str


@dataclass(frozen=True, kw_only=True)
class RegistrationRefused(AuditEvent):
    name: ClassVar[str] = "registration.refused"


@dataclass(frozen=True, kw_only=True)
class RegistrationExpired(AuditEvent):
    """Nobody went on with it; it is gone."""

    name: ClassVar[str] = "registration.expired"
