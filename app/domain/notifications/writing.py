"""From a notification to the mail somebody gets: looks everything up anew, in his language.

Answers `None` where there is nobody to tell any more: gone, inactive, muted, or no longer allowed
to read the ticket. What is written was true when it was written, not when it happened.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.queries import signs_in_elsewhere_alone
from app.domain.invitations.queries import open_invitation_of
from app.domain.invitations.ways import link_of
from app.domain.notifications import facts, letters
from app.domain.notifications.account_writing import LETTERS, former_address, warning
from app.domain.notifications.addresses import Addresses, addresses_of
from app.domain.notifications.approval_writing import ApprovalDesk
from app.domain.notifications.layout import as_html, as_text, look_of
from app.domain.notifications.letters import Letter, Matter, Reader
from app.domain.notifications.policy import may_be_mailed
from app.domain.notifications.queries import Recipient, names_of_files, recipient
from app.domain.notifications.registration_writing import RegistrationDesk
from app.domain.notifications.service_level_writing import promise_letter
from app.domain.sign_in.lifecycle import ACTIVATION, PASSWORD_RESET
from app.domain.sign_in.links import issue_one_time_token
from app.domain.tenants.definition import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.gateways.mail import Mail
from app.kernel import clock
from app.kernel.problems import NotFound
from app.kernel.settings import Settings
from app.models.comments import Comment
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.people import Person
from app.models.registrations import Registration
from app.models.tickets import Ticket


async def written(
    session: AsyncSession, system: Actor, notification: Notification, settings: Settings
) -> Mail | None:
    """The mail of a notification, or `None` where nobody is to be told."""
    definition = await definition_of(session, system)
    addresses = addresses_of(definition, settings.base_url)
    if notification.person_id is None:
        return await _to_registrant(session, system, notification, settings, definition, addresses)
    told = await recipient(session, system, notification.person_id)
    if told is None or told.person.state == "inactive":
        return None
    if notification.template == "address_changed":
        former = await former_address(session, system, notification)
        if former is None:
            return None
        told = replace(told, email=former)
    language = told.person.language or definition.portal.default_language
    desk = _Desk(session, system, definition, told, language, addresses)
    letter = await desk.letter(notification)
    if letter is None:
        return None
    return _mail(notification, settings, definition, letter, (told.person.name, told.email))


async def _to_registrant(
    session: AsyncSession,
    system: Actor,
    notification: Notification,
    settings: Settings,
    definition: Definition,
    addresses: Addresses,
) -> Mail | None:
    """The mail to somebody who is nobody here yet: to his address, and to no name he gave."""
    place = (system.tenant_id, notification.registration_id)
    registration = await session.get(Registration, place, with_for_update=True)
    if registration is None:
        return None
    offered = registration.language in definition.portal.languages
    language = registration.language if offered else definition.portal.default_language
    reader = Reader(str(language), notification.reason)
    desk = RegistrationDesk(session, system, definition, reader, addresses)
    letter = await desk.to_registrant(notification, registration)
    if letter is None:
        return None
    return _mail(notification, settings, definition, letter, ("", registration.email))


def _mail(
    notification: Notification,
    settings: Settings,
    definition: Definition,
    letter: Letter,
    to: tuple[str, str],
) -> Mail:
    look = look_of(definition, letter.language)
    root = f"<ticket-{notification.ticket_id}@{settings.mail_domain}>"
    reply = notification.reply_token and f"reply+{notification.reply_token}@{settings.mail_domain}"
    return Mail(
        message_id=notification.message_id,
        from_name=definition.mail.from_name,
        from_address=definition.mail.from_address,
        to_name=to[0],
        to_address=to[1],
        reply_to=reply,
        subject=letter.subject,
        text=as_text(letter, look),
        html=as_html(letter, look),
        language=letter.language,
        # No mail has the root's id: it is what all mails of a ticket have in common.
        in_reply_to=root if notification.ticket_id else None,
        references=(root,) if notification.ticket_id else (),
        headers={"X-Skranke-Loop": settings.mail_domain},
    )


class _Desk:
    """Everything one letter is written with."""

    def __init__(
        self,
        session: AsyncSession,
        system: Actor,
        definition: Definition,
        told: Recipient,
        language: str,
        addresses: Addresses,
    ) -> None:
        self._session = session
        self._system = system
        self._definition = definition
        self._told = told
        self._language = language
        self._addresses = addresses

    async def letter(self, notification: Notification) -> Letter | None:
        match notification.template:
            case "password_reset":
                return await self._password_reset()
            case "activation":
                return await self._activation()
            case "invitation":
                return await self._invitation()
            case "approvals_reminder":
                return await self._approvals().reminder(notification, self._reader("approver"))
        return await self._about_account(notification)

    async def _about_account(self, notification: Notification) -> Letter | None:
        if notification.template in LETTERS:
            return await warning(
                self._session,
                self._system,
                notification,
                self._definition,
                self._reader("account"),
                email=self._told.email,
                door=self._addresses.door,
            )
        if notification.template.startswith("registration_"):
            desk = self._registrations(notification.reason)
            return await desk.to_person(notification, self._told)
        return await self._about_ticket(notification)

    async def _password_reset(self) -> Letter | None:
        person = self._told.person
        if person.state != "active":
            return None
        if await signs_in_elsewhere_alone(self._session, self._system, person.id):
            return None
        return letters.password_reset(
            self._reader("account"),
            portal=self._definition.portal.name,
            email=self._told.email,
            link=await self._one_time_link("password_reset"),
            minutes=int(PASSWORD_RESET.total_seconds()) // 60,
        )

    async def _activation(self) -> Letter:
        return letters.activation(
            self._reader("account"),
            portal=self._definition.portal.name,
            name=self._told.person.name,
            email=self._told.email,
            link=await self._one_time_link("activation"),
            minutes=int(ACTIVATION.total_seconds()) // 60,
        )

    async def _invitation(self) -> Letter | None:
        view = await open_invitation_of(self._session, self._system, self._told.person.id)
        if view is None or view.invitation.expires_at <= clock.now():
            return None
        token = await issue_one_time_token(
            self._session, self._system, view.person.id, "invitation"
        )
        view.invitation.sent_at = clock.now()
        return letters.invitation(
            self._reader("account"),
            portal=self._definition.portal.name,
            name=view.person.name,
            inviter=view.inviter.name if view.inviter else None,
            link=link_of(self._definition, self._addresses.pages, token),
            minutes=int((view.invitation.expires_at - clock.now()).total_seconds()) // 60 + 1,
        )

    async def _one_time_link(self, purpose: letters.Purpose) -> str:
        """Made here and nowhere before: the secret stands in the mail alone, in no row, no job."""
        person_id = self._told.person.id
        token = await issue_one_time_token(self._session, self._system, person_id, purpose)
        return f"{self._addresses.pages}/password-resets/{token}"

    async def _about_ticket(self, notification: Notification) -> Letter | None:
        person = self._told.person
        if notification.ticket_id is None or not may_be_mailed(person.state, muted=person.muted):
            return None
        try:
            # The reader's own rights, as they are now: the wall is the system's here.
            sight = await ticket_for(self._session, self._told.actor, notification.ticket_id)
        except NotFound:
            return None
        reader = self._reader(notification.reason, sight.ticket)
        matter = self._matter(sight.ticket)
        letter: Letter | None
        match notification.template:
            case "comment":
                letter = await self._comment(notification, reader, matter)
            case "approval_asked" | "approval_settled" | "approval_presumed":
                letter = await self._approvals().about_ticket(notification, reader)
            case "service_level_warned" | "service_level_breached":
                letter = await promise_letter(
                    self._session,
                    self._system,
                    self._definition,
                    notification,
                    sight,
                    reader,
                    matter,
                )
            case "status":
                letter = await self._status(notification, reader, matter)
            case _:
                letter = await self._opened(notification, sight, reader, matter)
        return letter

    async def _opened(
        self, notification: Notification, sight: TicketInSight, reader: Reader, matter: Matter
    ) -> Letter:
        ticket = sight.ticket
        files = await names_of_files(self._session, self._system, ticket.id, None)
        said = facts.of_ticket(self._definition, sight, reader)
        matter = replace(matter, facts=said, files=files)
        if notification.reason == "requester":
            agent = await self._name(ticket.created_by)
            return letters.opened_for_you(reader, matter, agent=agent, body=ticket.description)
        requester = sight.requester_name
        return letters.new_ticket(reader, matter, requester=requester, body=ticket.description)

    async def _comment(
        self, notification: Notification, reader: Reader, matter: Matter
    ) -> Letter | None:
        place = (self._system.tenant_id, notification.comment_id)
        comment = await self._session.get(Comment, place)
        if comment is None or not self._may_read(comment):
            return None
        files = await names_of_files(self._session, self._system, comment.ticket_id, comment.id)
        moved = facts.move(
            self._definition, self._told.actor, reader, comment.status_from, comment.status_to
        )
        return letters.comment(
            reader,
            replace(matter, facts=moved, files=files),
            author=await self._name(comment.author_id),
            visibility=comment.visibility,
            body=comment.body,
        )

    async def _status(
        self, notification: Notification, reader: Reader, matter: Matter
    ) -> Letter | None:
        event = await self._session.get(EventRow, (self._system.tenant_id, notification.event_id))
        if event is None:
            return None
        before, after = event.data["before"], event.data["after"]
        moved = facts.move(self._definition, self._told.actor, reader, before, after)
        if not moved:
            return None
        return letters.status_changed(
            reader,
            replace(matter, facts=moved),
            status=facts.status(self._definition, self._told.actor, reader, after),
            closed=event.data["category"] == "closed",
        )

    def _approvals(self) -> ApprovalDesk:
        return ApprovalDesk(
            self._session,
            self._system,
            self._told.actor,
            self._definition,
            self._addresses.base,
            self._matter,
        )

    def _registrations(self, reason: str) -> RegistrationDesk:
        return RegistrationDesk(
            self._session,
            self._system,
            self._definition,
            self._reader(reason),
            self._addresses,
        )

    def _may_read(self, comment: Comment) -> bool:
        agent = self._told.actor
        match comment.visibility:
            case "public":
                return True
            case "internal":
                return agent.is_agent and agent.may("comments:internal")
            case _:
                return agent.is_agent

    def _reader(self, reason: str, ticket: Ticket | None = None) -> Reader:
        team = facts.desk(self._definition, ticket, self._language) if ticket else ""
        return Reader(self._language, reason, team)

    def _matter(self, ticket: Ticket) -> Matter:
        department = self._definition.department_of.get(ticket.department)
        return Matter(
            number=f"{self._definition.portal.number_prefix}-{ticket.number}",
            subject=ticket.subject,
            link=f"{self._addresses.base}/tickets/{ticket.id}",
            link_only=bool(department and department.link_only_mails),
        )

    async def _name(self, person_id: UUID | None) -> str:
        """A person's name; what the system does is done in the portal's name."""
        person = None
        if person_id:
            person = await self._session.get(Person, (self._system.tenant_id, person_id))
        return person.name if person else self._definition.portal.name
