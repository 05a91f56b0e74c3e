"""Events of signing in: who signed in, how, and who was refused."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class SignedIn(AuditEvent):
    name: ClassVar[str] = "session.started"
    session: UUID
    way: str = "local"
    network: str | None = None
    device: str | None = None
    app: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class SignInWasRefused(AuditEvent):
    """`subject_id` is the person, where the address is known; `reason` a code."""

    name: ClassVar[str] = "session.refused"
    reason: str
    way: str = "local"
    network: str | None = None
    device: str | None = None


@dataclass(frozen=True, kw_only=True)
class SessionEnded(AuditEvent):
    name: ClassVar[str] = "session.ended"
    session: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(AuditEvent):
    """`first`: there was none before."""

    name: ClassVar[str] = "password.changed"
    way: str
    first: bool


@dataclass(frozen=True, kw_only=True)
class PasswordExpired(AuditEvent):
    """Somebody must set another password before he goes on (S4-20)."""

    name: ClassVar[str] = "password.expired"


@dataclass(frozen=True, kw_only=True)
class PasswordResetAsked(AuditEvent):
    """Somebody asked for a new password for this person's address."""

    name: ClassVar[str] = "password.reset_asked"


@dataclass(frozen=True, kw_only=True)
class PortalOpened(AuditEvent):
    """The portal was opened for a person: he is sent a link to set a password (S4-3, S4-6)."""

    name: ClassVar[str] = "person.portal_opened"


@dataclass(frozen=True, kw_only=True)
class SecondFactorAdded(AuditEvent):
    """From now on, signing in asks this person for a code."""

    name: ClassVar[str] = "second_factor.added"
    factor: UUID


@dataclass(frozen=True, kw_only=True)
class SecondFactorsRemoved(AuditEvent):
    """`way`: `removed` by himself, `reset` by somebody for him."""

    name: ClassVar[str] = "second_factor.removed"
    way: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(AuditEvent):
    name: ClassVar[str] = "recovery_codes.made"


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(AuditEvent):
    name: ClassVar[str] = "recovery_code.used"
