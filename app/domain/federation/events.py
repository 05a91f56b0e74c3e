"""What happens to accounts elsewhere: for the audit."""

from dataclasses import dataclass
from typing import ClassVar

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
class IdentityUsed(AuditEvent):
    """A program called with an access token of somebody's directory, the first time that day."""

    name: ClassVar[str] = "identity.used"
    way: str
    network: str
    device: str | None = None
