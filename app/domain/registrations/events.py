"""What happens to registrations."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import Event
from app.journal.events import Audience


@dataclass(frozen=True, kw_only=True)
class _Audit(Event):
    audience: Audience = "system"


@dataclass(frozen=True, kw_only=True)
class RegistrationAsked(_Audit):
    """Somebody entered an address. What he is mailed, the worker finds out."""

    name: ClassVar[str] = "registration.asked"


@dataclass(frozen=True, kw_only=True)
class RegistrationConfirmed(_Audit):
    """Whoever reads the address' mail asks to be let in, and has set a password."""

    name: ClassVar[str] = "registration.confirmed"


@dataclass(frozen=True, kw_only=True)
class RegistrationApproved(_Audit):
    """`way`: `email_domain`, or by `decision` of somebody."""

    name: ClassVar[str] = "registration.approved"
    person: UUID
    organization: UUID
    role: str
    way: str


@dataclass(frozen=True, kw_only=True)
class RegistrationRefused(_Audit):
    name: ClassVar[str] = "registration.refused"


@dataclass(frozen=True, kw_only=True)
class RegistrationExpired(_Audit):
    """Nobody went on with it; it is gone."""

    name: ClassVar[str] = "registration.expired"
