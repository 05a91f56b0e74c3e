"""What happens to apps: for the audit."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class _OfApp(AuditEvent):
    app: UUID


@dataclass(frozen=True, kw_only=True)
class AppRegistered(_OfApp):
    name: ClassVar[str] = "app.registered"
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AppChanged(_OfApp):
    """`changed` names the fields; `secret` is a new one."""

    name: ClassVar[str] = "app.changed"
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AppRemoved(_OfApp):
    name: ClassVar[str] = "app.removed"


@dataclass(frozen=True, kw_only=True)
class AppAllowed(_OfApp):
    """`subject_id` has let the app act for him."""

    name: ClassVar[str] = "app.allowed"
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AppDisallowed(_OfApp):
    """`subject_id` lets it no more; `reason` says whether he took it back or never gave it."""

    name: ClassVar[str] = "app.disallowed"
    reason: str
