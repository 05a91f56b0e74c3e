"""What happens to accounts elsewhere: for the audit."""

from dataclasses import dataclass
from typing import ClassVar

from app.journal import Event
from app.journal.events import Audience


@dataclass(frozen=True, kw_only=True)
class _Audit(Event):
    audience: Audience = "system"


@dataclass(frozen=True, kw_only=True)
class IdentityLinked(_Audit):
    """`subject_id` is the person; `by` says by which of the three ways."""

    name: ClassVar[str] = "identity.linked"
    provider: str
    by: str


@dataclass(frozen=True, kw_only=True)
class IdentityRemoved(_Audit):
    name: ClassVar[str] = "identity.removed"
    provider: str


@dataclass(frozen=True, kw_only=True)
class IdentityUsed(_Audit):
    """A program called with an access token of somebody's directory, the first time that day."""

    name: ClassVar[str] = "identity.used"
    way: str
    network: str
    device: str | None = None
