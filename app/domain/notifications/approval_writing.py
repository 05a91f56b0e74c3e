"""From a notification about approvals to its letter: everything is looked up again.

Returns `None` where there is nothing to say any more: answered, withdrawn, or decided otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.approvals.lifecycle import Answer, answers_to, presumption_of
from app.domain.approvals.problems import ApprovalNotFound
from app.domain.approvals.queries import ApprovalFilter, approval_for, approvals_page
from app.domain.approvals.sights import ApprovalInSight
from app.domain.notifications import approval_letters as letters
from app.domain.notifications.letters import Letter, Matter, Reader
from app.domain.tenants.definition import Definition
from app.domain.tenants.queries import definition_of
from app.kernel.locale import label
from app.models.approvals import Approval
from app.models.comments import Comment
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.people import Person
from app.models.tickets import Ticket

#: So many are named in a reminder; whoever has more finds them behind its link.
_MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class ApprovalDesk:
    """What letters about approvals are written with: the reader's rights, and where links lead.

    `matter_of` says what a mail states of a ticket."""

    session: AsyncSession
    system: Actor
    told: Actor
    definition: Definition
    base: str
    matter_of: Callable[[Ticket], Matter]

    async def about_ticket(self, notification: Notification, reader: Reader) -> Letter | None:
        """A letter about one approval: asked, answered, or presumed."""
        place = (self.system.tenant_id, notification.event_id)
        event = await self.session.get_one(EventRow, place)
        try:
            sight = await approval_for(self.session, self.told, str(event.subject_id))
        except ApprovalNotFound:
            return None
        then = await self._definition_then(sight.approval)
        answers = {answer.key: answer for answer in answers_to(then, sight.approval)}
        match notification.template:
            case "approval_asked":
                return await self._asked(notification, reader, sight, then)
            case "approval_settled":
                return letters.settled(
                    reader,
                    self.matter_of(sight.ticket),
                    name=await self._name(event.actor_id),
                    question=sight.approval.question or "",
                    answer=_name_of(answers[event.data["decision"]], reader),
                )
            case _:
                return self._presumed(reader, sight, answers[event.data["decision"]])

    async def reminder(self, notification: Notification, reader: Reader) -> Letter | None:
        """One letter for all open approvals of the reader, whether they want mails or not."""
        place = (self.system.tenant_id, notification.event_id)
        event = await self.session.get_one(EventRow, place)
        page = await approvals_page(
            self.session,
            self.told,
            ApprovalFilter(),
            sort="asked_at",
            descending=False,
            after=None,
            limit=_MOST_NAMED,
        )
        due = set(event.data["approvals"])
        waiting = [await self._waiting(sight, reader, due) for sight in page.rows]
        if not any(str(sight.approval.id) in due for sight in page.rows):
            return None
        return letters.reminder(
            reader,
            portal=self.definition.portal.name,
            waiting=waiting,
            link=f"{self.base}/approvals",
        )

    async def _asked(
        self, notification: Notification, reader: Reader, sight: ApprovalInSight, then: Definition
    ) -> Letter | None:
        approval = sight.approval
        if approval.state != "pending":
            return None
        place = (self.system.tenant_id, notification.comment_id)
        comment = await self.session.get(Comment, place) if notification.comment_id else None
        said = comment.body if comment and comment.visibility == "public" else ""
        return letters.asked(
            reader,
            self._matter(sight),
            question=_question(then, approval, reader.language),
            answers=[_name_of(answer, reader) for answer in answers_to(then, approval)],
            body=approval.question or said,
        )

    def _presumed(self, reader: Reader, sight: ApprovalInSight, answer: Answer) -> Letter:
        reopening = self.definition.workflow.reopening
        return letters.presumed(
            reader,
            self.matter_of(sight.ticket),
            answer=_name_of(answer, reader),
            closed=sight.ticket.status_category == "closed",
            reopens_for=reopening.days if reopening and self.told.is_customer else None,
        )

    async def _waiting(
        self, sight: ApprovalInSight, reader: Reader, due: set[str]
    ) -> letters.Waiting:
        matter = self._matter(sight)
        then = await self._definition_then(sight.approval)
        rule = presumption_of(then, sight.approval)
        subject = "" if matter.link_only else matter.subject
        if rule is None or str(sight.approval.id) not in due:
            return letters.Waiting(matter.number, subject, matter.link)
        answers = {answer.key: answer for answer in answers_to(then, sight.approval)}
        presumed = _name_of(answers[rule.verb], reader)
        hours = rule.hours_after_reminder
        return letters.Waiting(matter.number, subject, matter.link, presumed, hours)

    def _matter(self, sight: ApprovalInSight) -> Matter:
        """What a mail says of the ticket, with the link to where one answers."""
        matter = self.matter_of(sight.ticket)
        return Matter(
            number=matter.number,
            subject=matter.subject,
            link=f"{self.base}/approvals/{sight.approval.id}",
            link_only=matter.link_only,
        )

    async def _definition_then(self, approval: Approval) -> Definition:
        return await definition_of(self.session, self.system, approval.definition_version)

    async def _name(self, person_id: UUID | None) -> str:
        place: Any = (self.system.tenant_id, person_id)
        person = await self.session.get(Person, place) if person_id else None
        return person.name if person else self.definition.portal.name


def _question(then: Definition, approval: Approval, language: str) -> str:
    """A policy's question is its name; an agent's is in the body of the mail."""
    if approval.policy is None:
        return ""
    return label(then.approval_policy_of[approval.policy].labels, language)


def _name_of(answer: Answer, reader: Reader) -> str:
    if answer.labels is not None:
        return label(answer.labels, reader.language)
    return reader.say("Approved") if answer.outcome == "granted" else reader.say("Not approved")
