"""Approvals, decisions, certificates, and who stands in for whom."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    Cursor,
    Email,
    IncludeTotal,
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
    """How a list of approvals is filtered, sorted and paged."""

    state: States = Field(
        ["pending"], description="States of approvals; repeat the parameter for several."
    )
    mine: bool = Field(
        True,
        description="Only approvals in which the caller is asked; of pending ones, only those"
        " that still wait for the caller's answer. `false`: all approvals of the"
        " tickets the caller may read.",
    )
    sort: ApprovalSort = Field("-asked_at", description="A leading `-` sorts in descending order.")
    limit: PageLimit = 25
    cursor: Cursor = None
    include: IncludeTotal = None


class TicketApprovalQuery(Input):
    """How the approvals of one ticket are sorted and paged."""

    sort: ApprovalSort = Field("-asked_at", description="A leading `-` sorts in descending order.")
    limit: PageLimit = 25
    cursor: Cursor = None


class ApproversNew(Input):
    """Who is asked: named people, those with a role in the ticket's organization, or the members of
    a team. Give exactly one of the three."""

    people: Annotated[list[UUID], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Customers who could not read the ticket become participants of it."
    )
    role: Key | None = Field(None, description="Key of a customer role.")
    team: Key | None = Field(None, description="Key of a team.")


class ApprovalNew(Input):
    """A question that an agent asks about a ticket. It is answered with `approved` or
    `rejected`."""

    question: Question = Field(examples=["May we order the new certificate for 1,200 kr?"])
    approvers: ApproversNew
    needed: int = Field(
        1,
        ge=1,
        le=50,
        description="How many must approve. A single rejection refuses the approval.",
    )
    exclude_requester: bool = Field(
        False, description="Whether the requester of the ticket is not asked."
    )
    due_at: SentMoment | None = Field(None, description="When an answer is due.")
    gate: bool = Field(
        True,
        description="Whether the ticket cannot be closed otherwise while the approval is pending.",
    )
    refusal_needs_comment: bool = Field(
        False, description="Whether a rejection must come with a comment."
    )


class DecisionNew(Input):
    """An answer to an approval."""

    decision: Key = Field(
        description="Key of one of the approval's `answers`.", examples=["tested_ok"]
    )
    comment: Words | None = Field(
        None, description="Markdown. It is also added to the ticket as a public comment."
    )


class AnswerShape(Labelled):
    """An answer that can be given, in the portal's own words."""

    outcome: Outcome = Field(
        description="Whether this answer approves or refuses. Tolerate new values."
    )
    needs_comment: bool = Field(description="Whether this answer must come with a comment.")
    leads_to: StatusShape | None = Field(
        description="The status the ticket gets with this answer; null when it stays as it is."
    )


class ApproverShape(Shape):
    """Somebody who is asked."""

    person: PersonReference
    answered: bool = Field(description="Whether this person, or a substitute, has answered.")
    reminded_at: Moment | None = Field(
        description="When the mail server accepted the reminder to this person."
    )


class ApprovalDecision(Shape):
    """A decision, made by somebody or presumed from silence. It never changes."""

    id: UUID
    decision: Labelled
    outcome: Outcome = Field(description="Tolerate new values.")
    kind: DecisionKind = Field(
        description="`explicit`: by the person asked. `delegated`: by a substitute. `presumed`:"
        " nobody answered in time, which counts as approval. Tolerate new values."
    )
    final: bool = Field(description="Whether this decision settled the approval.")
    decided_by: PersonReference | None = Field(description="Null for presumed decisions.")
    on_behalf_of: PersonReference | None = Field(
        description="For delegated decisions: the person who was asked."
    )
    comment: str | None = Field(description="Markdown.")
    ticket_version: int = Field(description="Version of the ticket at the time of the decision.")
    definition_version: int = Field(
        description="Version of the portal definition whose rule applied."
    )
    text_digest: str = Field(
        description="SHA-256 (hex) of the text that was decided on; see `digest_covers` of the"
        " certificate."
    )
    decided_at: Moment


class TicketOfApproval(Shape):
    """The ticket an approval is about."""

    id: UUID
    number: str
    subject: str
    status: StatusShape


class Approval(Shape):
    """A question about a ticket, and its state."""

    id: UUID
    ticket: TicketOfApproval
    kind: Kind = Field(description="Tolerate new values.")
    policy: str | None = Field(
        description="Key of the approval policy that asked; null when an agent asked."
    )
    question: str = Field(description="What is asked: the policy's name, or the agent's own words.")
    state: State = Field(description="Tolerate new values.")
    decision: Labelled | None = Field(description="The answer that settled the approval.")
    cancelled_because: str | None = Field(
        description="Why it was cancelled: `moved_on` (the ticket left the status that asks),"
        " `closed` or `withdrawn`. Tolerate new values."
    )
    gate: bool = Field(
        description="Whether the ticket cannot be closed otherwise while this is pending."
    )
    needed: int = Field(
        description="How many must approve. A single rejection refuses the approval."
    )
    approvers: list[ApproverShape]
    answers: list[AnswerShape] = Field(description="The answers that can be given, in their order.")
    decisions: list[ApprovalDecision] = Field(description="The oldest first.")
    asked_at: Moment
    asked_by: PersonReference | None = Field(description="Null when a policy asked by itself.")
    due_at: Moment | None = Field(description="When an answer is due.")
    remind_at: Moment | None = Field(
        description="When approvers who have not answered will be reminded."
    )
    reminded_at: Moment | None = Field(
        description="When the mail server accepted the last reminder."
    )
    presumed_at: Moment | None = Field(
        description="When approval will be presumed, unless somebody answers or comments before."
    )
    ended_at: Moment | None = Field(description="When it was granted, refused or cancelled.")
    definition_version: int = Field(
        description="Version of the portal definition it was asked under."
    )
    ticket_version: int = Field(description="Version of the ticket when it was asked.")
    allowed_actions: list[AllowedAction]


class Decision(ApprovalDecision):
    """A decision that was just made, with the approval as it is now."""

    approval: Approval


class ReminderOfCertificate(Shape):
    """A reminder that the mail server accepted."""

    person: PersonReference
    accepted_at: Moment


class RuleOfCertificate(Shape):
    """The rule by which silence counted as approval."""

    decision: Labelled
    remind_after_business_days: int
    hours_after_reminder: int = Field(
        description="How many hours after the last accepted reminder approval is presumed."
    )
    calendar: str = Field(description="Key of the calendar that business days are counted by.")


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
    asked: list[PersonReference] = Field(description="Everybody who was asked.")
    needed: int = Field(description="How many had to approve.")
    decisions: list[ApprovalDecision]
    reminders: list[ReminderOfCertificate]
    rule: RuleOfCertificate | None = Field(
        description="Null when silence did not count as approval."
    )
    ended_at: Moment
    definition_version: int
    ticket_version: int = Field(description="Version of the ticket when it was asked.")
    digest_covers: str = Field(description="What the digests are computed from.")
    text_digest_now: str = Field(
        description="The digest of the ticket's text as it is now; equal to a decision's when"
        " nothing has changed since."
    )
    issued_at: Moment


class SubstituteNew(Input):
    """Who answers approvals for the caller during an absence: give an id or an e-mail address."""

    person: UUID | None = None
    email: Email | None = Field(None, examples=["member2@acme.example"])
    starts_at: SentMoment | None = Field(
        None, description="When the absence begins; now when left out."
    )
    ends_at: SentMoment = Field(description="When the absence ends.")


class SubstituteShape(Shape):
    """Who answers for the caller, and during which time."""

    person: PersonReference
    starts_at: Moment
    ends_at: Moment
