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
    """`subject_id` has granted the app access."""

    name: ClassVar[str] = "app.allowed"
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AppDisallowed(_OfApp):
    """`subject_id` has revoked the app's access (`taken-back`) or refused it (`declined`)."""

    name: ClassVar[str] = "app.disallowed"
    reason: str
