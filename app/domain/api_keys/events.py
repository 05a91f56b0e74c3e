"""What happens to API keys: for the audit. `subject_id` is whoever the key acts as."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class _OfKey(AuditEvent):
    api_key: UUID


@dataclass(frozen=True, kw_only=True)
class ApiKeyMade(_OfKey):
    name: ClassVar[str] = "api_key.made"
    scopes: tuple[str, ...]
    organization: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ApiKeyRotated(_OfKey):
    name: ClassVar[str] = "api_key.rotated"


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(_OfKey):
    name: ClassVar[str] = "api_key.revoked"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ApiKeyUsed(_OfKey):
    """The first use of a day from a network."""

    name: ClassVar[str] = "api_key.used"
    network: str
