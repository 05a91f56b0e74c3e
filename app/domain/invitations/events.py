"""What happens to invitations. Each is about a person (`subject_id`)."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class _OfInvitation(AuditEvent):
    invitation: UUID


@dataclass(frozen=True, kw_only=True)
class InvitationIssued(_OfInvitation):
    """An invitation is to be sent, after the person is made a guest where the portal is set up
    so."""

    name: ClassVar[str] = "invitation.issued"


@dataclass(frozen=True, kw_only=True)
class InvitationPrepared(_OfInvitation):
    """The mail can be sent now."""

    name: ClassVar[str] = "invitation.prepared"


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(_OfInvitation):
    name: ClassVar[str] = "invitation.accepted"
    way: str


@dataclass(frozen=True, kw_only=True)
class InvitationWithdrawn(_OfInvitation):
    name: ClassVar[str] = "invitation.withdrawn"


@dataclass(frozen=True, kw_only=True)
class TermsAccepted(AuditEvent):
    name: ClassVar[str] = "terms.accepted"
    version: str
