"""Approvals, decisions, certificates, and who stands in for whom."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    Cursor,
    Email,
    Input,
    Key,
    Labelled,
    Moment,
    PageLimit,
    PersonReference,
    SentMoment,
    Shape,
)
from app.schemas.tickets import AllowedAction, StatusShape

State = Literal["pending", "granted", "refused", "cancelled"]
Outcome = Literal["granted", "refused"]
Kind = Literal["resolution", "request", "task"]
DecisionKind = Literal["explicit", "presumed", "delegated"]
ApprovalSort = Literal["asked_at", "-asked_at", "due_at", "-due_at", "ended_at", "-ended_at"]
Question = Annotated[str, StringConstraints(min_length=1, max_length=5_000)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
States = Annotated[list[State], Field(max_length=4)]


class ApprovalQuery(Input):
    """How a list of approvals is narrowed, sorted and paged."""

    state: States = Field(["pending"], description="Repeat the parameter for several.")
    mine: bool = Field(
        True,
        description="In which the caller is asked; of the pending ones those that still wait for"
        " his answer. `false`: all of the tickets he may read.",
    )
    sort: ApprovalSort = "-asked_at"
    limit: PageLimit = 25
    cursor: Cursor | None = None
    include: Literal["total"] | None = None


class TicketApprovalQuery(Input):
    """How the approvals of one ticket are paged."""

    sort: ApprovalSort = "-asked_at"
    limit: PageLimit = 25
    cursor: Cursor | None = None


class ApproversNew(Input):
    """Who is asked: people, or those with a role in the ticket's organization, or those of a team.
    Exactly one of them."""

    people: Annotated[list[UUID], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Customers among them who could not read the ticket take part in it."
    )
    role: Key | None = Field(None, description="A role of the customer's side.")
    team: Key | None = None


class ApprovalNew(Input):
    """Something an agent asks about a ticket, answered by `approved` or `rejected`."""

    question: Question = Field(examples=["May we order the new certificate for 1,200 kr?"])
    approvers: ApproversNew
    needed: int = Field(1, ge=1, le=50, description="How many must say yes; one no refuses.")
    exclude_requester: bool = Field(
        False, description="Whether whoever asked for the ticket is left out."
    )
    due_at: SentMoment | None = Field(None, description="Until when an answer is due.")
    gate: bool = Field(
        True, description="Whether nothing else closes the ticket while it is pending."
    )
    refusal_needs_comment: bool = False


class DecisionNew(Input):
    """An answer to an approval."""

    decision: Key = Field(
        description="One of the answers that the approval offers.", examples=["tested_ok"]
    )
    comment: Words | None = Field(None, description="Markdown; said on the ticket too.")


class AnswerShape(Labelled):
    """An answer that may be given: the tenant's own word."""

    outcome: Outcome = Field(description="Whether it is a yes or a no. Tolerate new values.")
    needs_comment: bool
    leads_to: StatusShape | None = Field(description="Status the ticket takes with it.")


class ApproverShape(Shape):
    """Somebody who is asked."""

    person: PersonReference
    answered: bool
    reminded_at: Moment | None = Field(description="When the mail server took his reminder.")


class ApprovalDecision(Shape):
    """What somebody decided, or silence did. Never changes."""

    id: UUID
    decision: Labelled
    outcome: Outcome = Field(description="Tolerate new values.")
    kind: DecisionKind = Field(
        description="`presumed`: silence was taken for it; `delegated`: by a substitute."
        " Tolerate new values."
    )
    final: bool = Field(description="Whether it settled the approval.")
    decided_by: PersonReference | None = Field(description="Null where it was presumed.")
    on_behalf_of: PersonReference | None = Field(description="For delegated ones: who was asked.")
    comment: str | None = Field(description="Markdown.")
    ticket_version: int = Field(description="Version of the ticket it was made on.")
    definition_version: int = Field(description="Version of the definition whose rule it follows.")
    text_digest: str = Field(
        description="SHA-256 (hex) of the words it was made on; see the certificate."
    )
    decided_at: Moment


class TicketOfApproval(Shape):
    """The ticket an approval is about."""

    id: UUID
    number: str
    subject: str
    status: StatusShape


class Approval(Shape):
    """A question about a ticket, and where it stands."""

    id: UUID
    ticket: TicketOfApproval
    kind: Kind = Field(description="Tolerate new values.")
    policy: str | None = Field(description="Key of the policy that asks; null where an agent did.")
    question: str = Field(description="What is asked: the policy's name, or an agent's words.")
    state: State = Field(description="Tolerate new values.")
    decision: Labelled | None = Field(description="The answer that settled it.")
    cancelled_because: str | None = Field(
        description="`moved_on`, `closed` or `withdrawn`, where cancelled. Tolerate new values."
    )
    gate: bool = Field(description="Whether nothing else closes the ticket while it is pending.")
    needed: int = Field(description="How many must say yes; one no refuses.")
    approvers: list[ApproverShape]
    answers: list[AnswerShape] = Field(description="What may be answered, in their order.")
    decisions: list[ApprovalDecision] = Field(description="The oldest first.")
    asked_at: Moment
    asked_by: PersonReference | None = Field(description="Null where nobody but a rule asked.")
    due_at: Moment | None
    remind_at: Moment | None = Field(description="When those who have not answered are reminded.")
    reminded_at: Moment | None = Field(description="When the mail server took the last reminder.")
    presumed_at: Moment | None = Field(
        description="When approval is presumed unless somebody answers or comments before."
    )
    ended_at: Moment | None
    definition_version: int = Field(description="Version of the definition it is asked by.")
    ticket_version: int = Field(description="Version of the ticket when it was asked.")
    allowed_actions: list[AllowedAction]


class Decision(ApprovalDecision):
    """A decision that was made, and what it came to."""

    approval: Approval


class ReminderOfCertificate(Shape):
    """Whom a reminder reached, and when."""

    person: PersonReference
    accepted_at: Moment


class RuleOfCertificate(Shape):
    """The rule by which silence was taken for a yes."""

    decision: Labelled
    remind_after_business_days: int
    hours_after_reminder: int
    calendar: str


class Certificate(Shape):
    """Who decided what, when, on which version of the ticket and by which rule."""

    approval: UUID
    portal: str
    ticket: TicketOfApproval
    organization: str | None
    kind: Kind = Field(description="Tolerate new values.")
    question: str
    state: Outcome = Field(description="Tolerate new values.")
    decision: Labelled
    asked_at: Moment
    asked_by: PersonReference | None
    asked: list[PersonReference]
    needed: int
    decisions: list[ApprovalDecision]
    reminders: list[ReminderOfCertificate]
    rule: RuleOfCertificate | None = Field(description="Where silence counts.")
    ended_at: Moment
    definition_version: int
    ticket_version: int = Field(description="Version of the ticket when it was asked.")
    digest_covers: str = Field(description="What the digests of the decisions are made of.")
    text_digest_now: str = Field(
        description="The digest of the same words as they are now: equal where nothing changed."
    )
    issued_at: Moment


class SubstituteNew(Input):
    """Whoever answers for the caller while he is away: by id, or by address."""

    person: UUID | None = None
    email: Email | None = Field(None, examples=["member2@acme.example"])
    starts_at: SentMoment | None = Field(None, description="From now on where left out.")
    ends_at: SentMoment


class SubstituteShape(Shape):
    """Whoever answers for the caller, and when."""

    person: PersonReference
    starts_at: Moment
    ends_at: Moment
