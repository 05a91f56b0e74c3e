"""What follows from invitations, and what ends them. The directory first, then the mail.

Read in one transaction, ask the directory in none, note the result in another."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import system_transaction
from app.database.session import HasDatabase
from app.domain.federation.actions import bind
from app.domain.federation.id_tokens import Proven
from app.domain.federation.problems import IdentityTaken
from app.domain.federation.providers import rules_of
from app.domain.federation.queries import identities_of
from app.domain.invitations.events import InvitationPrepared
from app.domain.invitations.queries import InvitationView, open_invitation_of
from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.identity import Entra, Provider
from app.domain.tenants.queries import definition_of
from app.gateways.directory import Directory, DirectoryRefused, DirectoryUnavailable
from app.gateways.outgoing import Outgoing
from app.journal import Recorded, record
from app.kernel import clock
from app.kernel.logging import logger
from app.kernel.named_secrets import named_secret
from app.kernel.settings import Settings
from app.models.federation import ExternalIdentity

log = logger("invitations")


class DirectoryTools(HasDatabase, Protocol):
    """What the worker needs to reach a directory; its workbench has it."""

    @property
    def settings(self) -> Settings: ...


async def withdraw_leavers_invitation(
    session: AsyncSession, system: Actor, event: Recorded
) -> None:
    """After `person.deactivated`: withdraw the invitation that waits for the person."""
    held = event.subject_id and await open_invitation_of(session, system, event.subject_id)
    if held:
        held.invitation.withdrawn_at = clock.now()


async def forget_guest_of_old_address(
    session: AsyncSession, system: Actor, event: Recorded
) -> None:
    """After `person.changed`: a person whose address changed before ever signing in as a guest is
    no longer that guest; the account is unlinked."""
    if event.subject_id is not None and "email" in event.data.get("changed", ()):
        await session.execute(
            delete(ExternalIdentity).where(
                ExternalIdentity.tenant_id == system.tenant_id,
                ExternalIdentity.person_id == event.subject_id,
                ExternalIdentity.bound_by == "directory",
                ExternalIdentity.last_used_at.is_(None),
            )
        )


async def prepare_invitation(tools: DirectoryTools, event: Recorded) -> None:
    """After `invitation.issued`: make a guest of the directory, where the portal does that, and
    bind his account there to the person before he has ever come. Then the mail may go out.

    Raises `DirectoryUnavailable`; the queue tries again."""
    async with system_transaction(tools.database, event.tenant_id) as (session, system):
        view = await _named(session, system, event)
        if view is None or view.contact is None:
            return
        definition = await definition_of(session, system)
        provider = inviting_provider(definition, view.invitation.way)
        asked = view.contact.email
    subject: str | None = None
    failure: str | None = None
    if provider:
        async with directory_of(tools.settings, definition, provider) as directory:
            try:
                subject = await directory.invite(
                    email=asked,
                    name=view.person.name,
                    language=view.person.language or definition.portal.default_language,
                    return_to=definition.portal.address or tools.settings.base_url,
                )
            except DirectoryRefused as refusal:
                log.warning("directory_refused", reason=refusal.reason)
                failure = refusal.reason
    async with system_transaction(tools.database, event.tenant_id) as (session, system):
        view = await _named(session, system, event)
        # Whose address was changed meanwhile is invited anew, and is not the guest just made.
        if view is None or view.contact is None or view.contact.email != asked:
            return
        if provider and subject:
            failure = await _bound(session, system, view, provider, subject)
        view.invitation.failure = failure
        if failure is None:
            ready = InvitationPrepared(subject_id=view.person.id, invitation=view.invitation.id)
            await record(session, system, ready)


def inviting_provider(definition: Definition, way: str | None) -> Entra | None:
    """The provider whose directory guests are invited to, unless the way is another's."""
    for provider in definition.sign_in.providers:
        if isinstance(provider, Entra) and provider.offered and provider.invites_guests:
            return provider if way in {None, provider.key} else None
    return None


@asynccontextmanager
async def directory_of(
    settings: Settings, definition: Definition, provider: Entra
) -> AsyncIterator[Directory]:
    """The directory of a provider, as its application. Raises `DirectoryUnavailable` where the
    application's secret is nowhere."""
    slug = definition.portal.slug
    secret = provider.client_secret and named_secret(
        settings.secrets_dir, slug, provider.client_secret
    )
    if not secret:
        log.error("secret_missing", provider=provider.key, portal=slug)
        raise DirectoryUnavailable("secret-missing")
    outgoing = Outgoing(loopback=settings.loopback_providers)
    try:
        yield Directory(
            outgoing=outgoing,
            authority=provider.authority,
            directory=provider.directory,
            graph=provider.graph,
            client_id=provider.client_id,
            client_secret=secret,
        )
    finally:
        await outgoing.close()


async def _named(session: AsyncSession, system: Actor, event: Recorded) -> InvitationView | None:
    """The invitation of an event, if it still waits."""
    if event.subject_id is None:
        return None
    view = await open_invitation_of(session, system, event.subject_id)
    named = event.data["invitation"]
    return view if view and str(view.invitation.id) == named else None


async def _bound(
    session: AsyncSession, system: Actor, view: InvitationView, provider: Provider, subject: str
) -> str | None:
    """Bind a guest's account to the person; else a code that says why not."""
    proven = Proven(issuer=rules_of(provider).expected.issuer, subject=subject)
    for held in await identities_of(session, system, view.person.id):
        # Of an address he had before: that guest is not the one who is invited now.
        named = held.provider == provider.key and held.bound_by == "directory"
        if named and held.subject != subject:
            await session.delete(held)
    try:
        await bind(session, system, view.person.id, provider.key, proven, by="directory")
    except IdentityTaken:
        return "account-taken"
    return None
