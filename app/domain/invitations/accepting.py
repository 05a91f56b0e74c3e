"""Accepting an invitation: with a password, or with an account at a provider."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.actions import begin_session, bind
from app.domain.federation.authentication_request import (
    AuthenticationRequest,
    Errand,
    begin_authentication,
    look_up,
)
from app.domain.federation.callback import Callback
from app.domain.federation.problems import IdentityTaken
from app.domain.federation.queries import identities_of, identity_of
from app.domain.invitations.events import InvitationAccepted
from app.domain.invitations.problems import (
    AnotherAccount,
    InvitationRedeemed,
    InvitationTakenBack,
    WayNotOffered,
)
from app.domain.invitations.queries import (
    InvitationView,
    invitation_by_link,
    invitation_by_mark,
    open_invitation_of,
)
from app.domain.invitations.terms import note_consent, refuse_incomplete
from app.domain.invitations.ways import LOCAL, ways_of
from app.domain.sign_in.links import void_links_of
from app.domain.sign_in.password_changes import set_first_password
from app.domain.sign_in.queries import person_held
from app.domain.sign_in.second_step import Challenge, SignInResult, let_in
from app.domain.sign_in.tokens import Origin, Tokens
from app.domain.tenants.queries import definition_of
from app.gateways.openid import OpenIdProviders
from app.journal import record
from app.kernel import clock
from app.kernel.secrets import fingerprint
from app.models.people import Person
from app.models.sign_in import OneTimeToken


async def accept_with_password(
    session: AsyncSession,
    system: Actor,
    *,
    token: str,
    password: str,
    terms_version: str | None,
    accepted: Collection[str],
    delivery: str,
    origin: Origin,
) -> SignInResult | Challenge:
    """Accept with a password, up to the second factor. Of many requests at the same moment one
    succeeds.

    Raises what `invitation_by_link` raises, `WayNotOffered`, `TermsChanged`, `TermsNotAccepted` and
    what `passwords.accept` raises, which leaves the link valid."""
    await _checked(session, system, token, LOCAL, terms_version, accepted)
    person = await _redeem(session, system, fingerprint(token), LOCAL, terms_version)
    await set_first_password(session, system, person, password, way="invitation")
    return await let_in(session, system, person, delivery=delivery, origin=origin, way=LOCAL)


async def accept_elsewhere(
    session: AsyncSession,
    system: Actor,
    providers: OpenIdProviders,
    *,
    token: str,
    way: str,
    terms_version: str | None,
    accepted: Collection[str],
    return_to: str | None,
    base_url: str,
) -> AuthenticationRequest:
    """Accept by signing in at a provider; it is accepted when the browser returns. Until then the
    link stays valid.

    Raises as `accept_with_password`, and what `look_up` raises."""
    view = await _checked(session, system, token, way, terms_version, accepted)
    route = await look_up(session, system, providers, way, return_to=return_to)
    errand = Errand(
        purpose="invitation",
        person_id=view.person.id,
        invitation_id=view.invitation.id,
        link=fingerprint(token),
        terms_version=terms_version,
    )
    return await begin_authentication(session, system, route, base_url=base_url, errand=errand)


async def redeem_elsewhere(
    session: AsyncSession, system: Actor, callback: Callback, *, origin: Origin
) -> Tokens:
    """The browser has returned from the provider: link the account, and sign in (S0-7).

    Raises what `invitation_by_link` raises, `AnotherAccount`, `IdentityTaken`."""
    attempt, proven = callback.attempt, callback.proven
    if attempt.link is None or attempt.person_id is None:
        raise InvitationTakenBack
    identity = await identity_of(session, system, attempt.provider, proven)
    if identity is not None and identity.person_id != attempt.person_id:
        raise IdentityTaken
    await _refuse_other_than_invited(session, system, callback, attempt.person_id)
    person = await _redeem(session, system, attempt.link, attempt.provider, attempt.terms_version)
    held = await bind(session, system, person.id, attempt.provider, proven, by="invitation")
    held.account, held.last_used_at = proven.account or held.account, clock.now()
    return await begin_session(session, system, person, callback, origin=origin)


async def _checked(
    session: AsyncSession,
    system: Actor,
    token: str,
    way: str,
    terms_version: str | None,
    accepted: Collection[str],
) -> InvitationView:
    view = await invitation_by_link(session, system, token)
    definition = await definition_of(session, system)
    if way not in ways_of(definition, view.invitation.way):
        raise WayNotOffered.at("/way", WayNotOffered.title)
    refuse_incomplete(definition.sign_in.terms, terms_version, accepted)
    return view


async def _redeem(
    session: AsyncSession, system: Actor, mark: bytes, way: str, terms_version: str | None
) -> Person:
    """Use the link up, note the accepted terms, and activate the person."""
    now = clock.now()
    used: UUID | None = await session.scalar(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == system.tenant_id,
            OneTimeToken.fingerprint == mark,
            OneTimeToken.purpose == "invitation",
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeToken.person_id),
        execution_options={"synchronize_session": False},
    )
    if used is None:
        # Says what became of it; where somebody was first just now, that.
        await invitation_by_mark(session, system, mark)
        raise InvitationRedeemed
    view = await open_invitation_of(session, system, used)
    person = await person_held(session, system, used)
    # Who is in already signs in as he does: whoever reads his mail adds no other way.
    if view is None or person is None or person.state != "invited":
        raise InvitationTakenBack
    person.state = "active"
    person.version += 1
    person.updated_at = now
    view.invitation.accepted_at, view.invitation.accepted_by = now, way
    terms = (await definition_of(session, system)).sign_in.terms
    await note_consent(session, system, person.id, terms, terms_version)
    await void_links_of(session, system, person.id)
    done = InvitationAccepted(subject_id=person.id, invitation=view.invitation.id, way=way)
    await record(session, system, done)
    return person


async def _refuse_other_than_invited(
    session: AsyncSession, system: Actor, callback: Callback, person_id: UUID
) -> None:
    """Where the directory named the account, it must be that one (S0-7)."""
    proven = callback.proven
    for known in await identities_of(session, system, person_id):
        named = known.provider == callback.attempt.provider and known.bound_by == "directory"
        if named and (known.issuer, known.subject) != (proven.issuer, proven.subject):
            raise AnotherAccount
