"""What happens to accounts elsewhere: for the audit."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class IdentityLinked(AuditEvent):
    """`subject_id` is the person; `by` says by which of the three ways."""

    name: ClassVar[str] = "identity.linked"
    provider: str
    by: str


@dataclass(frozen=True, kw_only=True)
class IdentityRemoved(AuditEvent):
    name: ClassVar[str] = "identity.removed"
    provider: str


@dataclass(frozen=True, kw_only=True)
class ProgramBound(AuditEvent):
    """`subject_id` is the service account that the program acts as from now on."""

    name: ClassVar[str] = "program.bound"
    program: UUID
    provider: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProgramUnbound(AuditEvent):
    name: ClassVar[str] = "program.unbound"
    program: UUID
    provider: str


@dataclass(frozen=True, kw_only=True)
class IdentityUsed(AuditEvent):
    """A program called with an access token of a directory, somebody's or its own, the first time
    that day."""

    name: ClassVar[str] = "identity.used"
    way: str
    network: str
    device: str | None = None
