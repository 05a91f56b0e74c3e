"""Signing in with a provider's account, linking and removing accounts, and back-channel logout."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.joins import equal_in_tenant
from app.domain.federation.callback import Callback
from app.domain.federation.events import IdentityLinked, IdentityRemoved
from app.domain.federation.id_tokens import Proven
from app.domain.federation.lifecycle import LOGOUT_TOKEN_REMEMBERED, with_query
from app.domain.federation.logout_tokens import LogoutDemand
from app.domain.federation.problems import (
    AccessEnded,
    IdentityTaken,
    InvitationNeeded,
    InvitationOpen,
    LastWayIn,
    LogoutTokenRefused,
    SignInNotYours,
)
from app.domain.federation.queries import federated, identities_of, identity_of, own_identity_for
from app.domain.sign_in.queries import credential_of, is_alive, person_held
from app.domain.sign_in.reauthentication import note_refusal, prove_again
from app.domain.sign_in.tokens import Origin, Tokens, end_session, start_session
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock, ids
from app.kernel.secrets import fingerprint
from app.models.federation import (
    ExternalIdentity,
    FederatedSession,
    SeenLogoutToken,
    SignInAttempt,
)
from app.models.people import Person
from app.models.sign_in import SignedInSession


async def sign_in_as(
    session: AsyncSession, system: Actor, callback: Callback, *, origin: Origin
) -> Tokens:
    """Sign in the person of the account that the provider has proven. Nobody is created, and nobody
    is found by an e-mail address. Raises `InvitationNeeded`, `InvitationOpen`, `AccessEnded`."""
    identity = await identity_of(session, system, callback.attempt.provider, callback.proven)
    if identity is None:
        await note_refusal(session, system, None, "identity-unknown", origin, way="oidc")
        raise InvitationNeeded
    person = await person_held(session, system, identity.person_id, read=True)
    if person is None or person.state != "active":
        invited = person is not None and person.state == "invited"
        await note_refusal(session, system, identity.person_id, "not-active", origin, way="oidc")
        raise InvitationOpen if invited else AccessEnded
    identity.last_used_at = clock.now()
    identity.account = callback.proven.account or identity.account
    return await begin_session(session, system, person, callback, origin=origin)


async def begin_session(
    session: AsyncSession, system: Actor, person: Person, callback: Callback, *, origin: Origin
) -> Tokens:
    """A session of `person` that a provider vouches for."""
    provider = callback.attempt.provider
    tokens = await start_session(
        session,
        system,
        person,
        delivery="cookie",
        origin=origin,
        way=f"oidc:{provider}",
        vouched_for=True,
    )
    session.add(
        FederatedSession(
            tenant_id=system.tenant_id,
            session_id=tokens.session_id,
            provider=provider,
            issuer=callback.proven.issuer,
            subject=callback.proven.subject,
            sid=callback.proven.session,
            sign_out_url=_sign_out_url(callback),
        )
    )
    return tokens


async def bind(
    session: AsyncSession,
    system: Actor,
    person_id: UUID,
    provider: str,
    proven: Proven,
    *,
    by: str,
) -> ExternalIdentity:
    """Link an account to a person, who can sign in with it from now on. Raises `IdentityTaken`
    where it belongs to somebody else; of two at the same moment one succeeds."""
    now = clock.now()
    await session.execute(
        insert(ExternalIdentity)
        .values(
            tenant_id=system.tenant_id,
            id=ids.new_id(),
            person_id=person_id,
            provider=provider,
            issuer=proven.issuer,
            subject=proven.subject,
            account=proven.account,
            bound_by=by,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "provider", "issuer", "subject"])
    )
    held = await identity_of(session, system, provider, proven)
    if held is None or held.person_id != person_id:
        raise IdentityTaken
    if held.created_at == now:
        linked = IdentityLinked(subject_id=person_id, provider=provider, by=by)
        await record(session, system, linked)
    return held


async def link(session: AsyncSession, system: Actor, callback: Callback) -> None:
    """Link an account to the person who began this while signed in, and still is.

    Raises `SignInNotYours`, `IdentityTaken`."""
    attempt = callback.attempt
    person = await _still_signed_in(session, system, attempt)
    identity = await bind(
        session, system, person.id, attempt.provider, callback.proven, by="signed_in"
    )
    identity.account = callback.proven.account or identity.account


async def unlink(
    session: AsyncSession, actor: Actor, reference: str, *, password: str | None, origin: Origin
) -> None:
    """Remove one of one's own accounts; the sessions that it signed in end.

    Raises `IdentityNotFound`, `LastWayIn` and what `prove_again` raises."""
    identity = await own_identity_for(session, actor, reference)
    async with as_system(session, actor) as system:
        await prove_again(session, system, actor, password, origin)
        await person_held(session, system, actor.person)
        local = (await definition_of(session, system)).sign_in.local.enabled
        credential = local and await credential_of(session, system, actor.person)
        others = len(await identities_of(session, system, actor.person)) > 1
        if not (credential or others):
            raise LastWayIn
        await session.delete(identity)
        await _end(
            session,
            system,
            LogoutDemand(identity.issuer, identity.subject, None, ""),
            identity.provider,
            reason="identity-removed",
        )
        removed = IdentityRemoved(subject_id=identity.person_id, provider=identity.provider)
        await record(session, system, removed)


async def sign_out_url_of(
    session: AsyncSession, actor: Actor, session_id: UUID | None
) -> str | None:
    """Where the browser can sign out at the provider too, if one vouched for this session."""
    async with as_system(session, actor) as system:
        held = await federated(session, system, session_id)
    return held.sign_out_url if held else None


async def sign_out_there(
    session: AsyncSession, system: Actor, provider: str, demand: LogoutDemand
) -> None:
    """A provider reports that somebody has signed out there (Back-Channel Logout): end the sessions
    here.

    Raises `LogoutTokenRefused` for a token that was used before."""
    taken = await session.scalar(
        insert(SeenLogoutToken)
        .values(
            tenant_id=system.tenant_id,
            provider=provider,
            token=fingerprint(demand.token_id),
            expires_at=clock.now() + LOGOUT_TOKEN_REMEMBERED,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "provider", "token"])
        .returning(SeenLogoutToken.expires_at)
    )
    if taken is None:
        raise LogoutTokenRefused
    await _end(session, system, demand, provider, reason="signed-out-at-provider")


async def _end(
    session: AsyncSession, system: Actor, demand: LogoutDemand, provider: str, *, reason: str
) -> None:
    named = []
    if demand.session is not None:
        named.append(FederatedSession.sid == demand.session)
    if demand.subject is not None:
        named.append(FederatedSession.subject == demand.subject)
    rows = await session.scalars(
        select(SignedInSession)
        .join(FederatedSession, equal_in_tenant(FederatedSession.session_id, SignedInSession.id))
        .where(
            SignedInSession.tenant_id == system.tenant_id,
            SignedInSession.ended_at.is_(None),
            FederatedSession.provider == provider,
            FederatedSession.issuer == demand.issuer,
            *named,
        )
        .with_for_update(of=SignedInSession)
    )
    for held in rows.all():
        await end_session(session, system, held, reason=reason)


async def _still_signed_in(session: AsyncSession, system: Actor, attempt: SignInAttempt) -> Person:
    found: Person | None = await session.scalar(
        select(Person)
        .join(SignedInSession, equal_in_tenant(SignedInSession.person_id, Person.id))
        .where(
            Person.tenant_id == system.tenant_id,
            Person.id == attempt.person_id,
            Person.state == "active",
            SignedInSession.id == attempt.session_id,
            is_alive(),
        )
    )
    if found is None:
        raise SignInNotYours
    return found


def _sign_out_url(callback: Callback) -> str | None:
    """Where the provider ends its own session (RP-Initiated Logout 1.0, 2)."""
    if not callback.sign_out_url:
        return None
    provider = callback.rules.provider
    asked = {"client_id": provider.client_id}
    if provider.after_sign_out:
        asked["post_logout_redirect_uri"] = provider.after_sign_out
    return with_query(callback.sign_out_url, **asked)
