"""The database tables. The files are named as in `routers/` and `schemas/`; the rules are in
`domain/`."""

from app.models.api_keys import ApiKey, ApiKeySecret, ApiKeyUse
from app.models.approvals import Approval, Approver, Decision, Substitute
from app.models.apps import App, AppConsent, AuthorizationRequest
from app.models.attachments import Attachment
from app.models.comments import Comment, CommentRevision
from app.models.entitlements import Entitlement
from app.models.factors import RecoveryCode, TotpFactor
from app.models.federation import (
    ExternalIdentity,
    FederatedSession,
    SeenLogoutToken,
    SignInAttempt,
)
from app.models.idempotency import IdempotencyRecord
from app.models.invitations import Consent, Invitation
from app.models.journal import EventRow, Timer
from app.models.notifications import Notification
from app.models.organizations import EmailDomain, Membership, Organization
from app.models.people import ContactDetails, FormerAddress, Person
from app.models.portals import Department, PortalDefinition, Role, Team, TeamMember, Tenant
from app.models.registrations import Registration
from app.models.search import SearchEntry
from app.models.service_levels import ClockEvent
from app.models.sign_in import Credential, GuessCounter, OneTimeToken, SessionToken, SignedInSession
from app.models.tickets import Participant, Ticket

__all__ = [
    "ApiKey",
    "ApiKeySecret",
    "ApiKeyUse",
    "App",
    "AppConsent",
    "Approval",
    "Approver",
    "Attachment",
    "AuthorizationRequest",
    "ClockEvent",
    "Comment",
    "CommentRevision",
    "Consent",
    "ContactDetails",
    "Credential",
    "Decision",
    "Department",
    "EmailDomain",
    "Entitlement",
    "EventRow",
    "ExternalIdentity",
    "FederatedSession",
    "FormerAddress",
    "GuessCounter",
    "IdempotencyRecord",
    "Invitation",
    "Membership",
    "Notification",
    "OneTimeToken",
    "Organization",
    "Participant",
    "Person",
    "PortalDefinition",
    "RecoveryCode",
    "Registration",
    "Role",
    "SearchEntry",
    "SeenLogoutToken",
    "SessionToken",
    "SignInAttempt",
    "SignedInSession",
    "Substitute",
    "Team",
    "TeamMember",
    "Tenant",
    "Ticket",
    "Timer",
    "TotpFactor",
]
