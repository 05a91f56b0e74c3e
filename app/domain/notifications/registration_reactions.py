"""Mails about registrations, sent by the worker. Each is safe to repeat.

`app/reactions.py` says after which event each runs; its `subject_id` is the registration."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import system_transaction
from app.database.tenancy import AsSystem
from app.domain.notifications.actions import Template, announce_to_registrant
from app.domain.notifications.delivery import PostOffice, deliver_all, tell
from app.domain.people.queries import person_by_email
from app.domain.registrations.queries import deciders_of, opened_to
from app.journal import Recorded
from app.models.registrations import Registration


async def answer_registration(office: PostOffice, event: Recorded) -> None:
    """After `registration.asked`: mail a link to confirm the address; to the owner of an account
    with it, a way to sign in; to somebody whose registration waits already, that it does. Inactive
    people get nothing."""
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        system = Actor.system(event.tenant_id)
        held = await session.get(Registration, (event.tenant_id, event.subject_id))
        if held is None or held.state != "asked":
            return
        known = await person_by_email(session, system, held.email_key)
        if known is None:
            waits = await _waits(session, held)
            template: Template = "registration_waiting" if waits else "registration"
            await _announce_to_registrant(office, session, event, template, held)
    if known is None:
        await deliver_all(office, event.tenant_id, event.id)
    elif known[0].state != "inactive":
        await tell(office, event, "registration_known", {known[0].id: "account"})


async def ask_for_decision(office: PostOffice, event: Recorded) -> None:
    """After `registration.confirmed`: those who decide are told, once."""
    async with system_transaction(office.database, event.tenant_id) as (session, system):
        held = await session.get(Registration, (event.tenant_id, event.subject_id))
        opened = await opened_to(session, system)
        if held is None or held.state != "waiting" or opened is None:
            return
        deciders = await deciders_of(session, system, held, opened)
    await tell(office, event, "registration_decision", dict.fromkeys(deciders, "decider"))


async def welcome_registrant(office: PostOffice, event: Recorded) -> None:
    """After `registration.approved`: tell the person that they can sign in now."""
    people = {UUID(event.data["person"]): "account"}
    await tell(office, event, "registration_approved", people)


async def tell_of_refusal(office: PostOffice, event: Recorded) -> None:
    """After `registration.refused`: whoever asked is told, with the reason."""
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        held = await session.get(Registration, (event.tenant_id, event.subject_id))
        if held is None:
            return
        await _announce_to_registrant(office, session, event, "registration_refused", held)
    await deliver_all(office, event.tenant_id, event.id)


async def _waits(session: AsyncSession, held: Registration) -> bool:
    """Whether somebody with this address waits to be let in."""
    waiting = await session.scalar(
        select(Registration.id).where(
            Registration.tenant_id == held.tenant_id,
            Registration.email_key == held.email_key,
            Registration.state == "waiting",
        )
    )
    return waiting is not None


async def _announce_to_registrant(
    office: PostOffice,
    session: AsyncSession,
    event: Recorded,
    template: Template,
    held: Registration,
) -> None:
    await announce_to_registrant(
        session,
        Actor.system(event.tenant_id),
        event,
        template=template,
        registration_id=held.id,
        mail_domain=office.settings.mail_domain,
    )
