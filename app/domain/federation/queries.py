"""Reading the accounts at providers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.id_tokens import Proven
from app.domain.federation.problems import IdentityNotFound
from app.domain.sign_in.queries import credential_of
from app.kernel.ids import parse_id
from app.models.federation import ExternalIdentity, FederatedSession


async def identity_of(
    session: AsyncSession, system: Actor, provider: str, proven: Proven
) -> ExternalIdentity | None:
    """Somebody's account by provider, issuer and subject. There is no other way to find one."""
    found: ExternalIdentity | None = await session.scalar(
        select(ExternalIdentity).where(
            ExternalIdentity.tenant_id == system.tenant_id,
            ExternalIdentity.provider == provider,
            ExternalIdentity.issuer == proven.issuer,
            ExternalIdentity.subject == proven.subject,
            ExternalIdentity.client_id.is_(None),
        ),
        execution_options={"populate_existing": True},
    )
    return found


async def identities_of(
    session: AsyncSession, actor: Actor, person_id: UUID
) -> Sequence[ExternalIdentity]:
    """The accounts that sign a person in, as far as the actor may know, the oldest first."""
    return (
        await session.scalars(
            select(ExternalIdentity)
            .where(
                ExternalIdentity.tenant_id == actor.tenant_id,
                ExternalIdentity.person_id == person_id,
            )
            .order_by(ExternalIdentity.created_at, ExternalIdentity.id)
        )
    ).all()


async def signs_in_elsewhere_alone(session: AsyncSession, system: Actor, person_id: UUID) -> bool:
    """Whether a password would be a new way to sign in, past what the person's provider requires.
    Asking for one gives none; an agent may open that way (`person.portal_opened`)."""
    if await credential_of(session, system, person_id) is not None:
        return False
    return bool(await identities_of(session, system, person_id))


async def own_identity_for(session: AsyncSession, actor: Actor, reference: str) -> ExternalIdentity:
    """One of the actor's own accounts. Raises `IdentityNotFound`."""
    identity_id = parse_id(reference)
    found: ExternalIdentity | None = None
    if identity_id is not None:
        found = await session.scalar(
            select(ExternalIdentity).where(
                ExternalIdentity.tenant_id == actor.tenant_id,
                ExternalIdentity.person_id == actor.person,
                ExternalIdentity.id == identity_id,
            )
        )
    if found is None:
        raise IdentityNotFound
    return found


async def federated(
    session: AsyncSession, system: Actor, session_id: UUID | None
) -> FederatedSession | None:
    """What a session is called at its provider, where one vouched for it."""
    if session_id is None:
        return None
    return await session.get(FederatedSession, (system.tenant_id, session_id))
