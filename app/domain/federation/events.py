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
