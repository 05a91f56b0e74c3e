"""Every change of API keys."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.permissions import NEVER_DELEGATED, PERMISSIONS, TENANT_WIDE
from app.access.require import require
from app.access.system import as_system
from app.domain.api_keys.events import ApiKeyMade, ApiKeyRevoked, ApiKeyRotated, ApiKeyUsed
from app.domain.api_keys.lifecycle import (
    DEFAULT_DAYS,
    MOST_SECRETS,
    OVERLAP,
    Environment,
    new_key,
)
from app.domain.api_keys.problems import (
    ApiKeyEnded,
    NotAServiceAccount,
    OwnerInactive,
    RotationUnderWay,
    ScopesAboveOnesOwn,
)
from app.domain.api_keys.queries import key_for, secrets_of
from app.domain.organizations.problems import OrganizationNotFound
from app.domain.organizations.queries import organization_for
from app.domain.people.actors import actor_for
from app.domain.people.problems import PersonNotFound
from app.domain.people.queries import person_for
from app.journal import record
from app.kernel import clock, ids
from app.kernel.networks import neighbourhood
from app.kernel.problems import Fault, Invalid, not_a_choice
from app.kernel.secrets import fingerprint
from app.kernel.sorting import sort_key
from app.models.api_keys import ApiKey, ApiKeySecret
from app.models.people import Person


async def make_key(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    scopes: Sequence[str],
    environment: Environment,
    organization: UUID | None = None,
    person: UUID | None = None,
    expires_in_days: int = DEFAULT_DAYS,
) -> tuple[ApiKey, str]:
    """A new key and, once, what a script holds of it. It acts as the actor (`api_keys:create`), or
    as the service account `person` (`api_keys:manage`), and never with more than he and the actor
    have themselves; with `organization` in that one alone.

    Raises `NotAServiceAccount`, `ScopesAboveOnesOwn`, `OwnerInactive`, `Invalid` with a pointer."""
    owner = await _owner(session, actor, person)
    if organization is not None:
        await _refuse_unknown(session, actor, organization)
    if owner.id == actor.person_id:
        require(actor, "api_keys:create", organization)
    async with as_system(session, actor) as system:
        rights = await actor_for(session, system, owner)
        _refuse_too_much(scopes, organization, rights, actor)
        key = ApiKey(
            tenant_id=actor.tenant_id,
            id=ids.new_id(),
            person_id=owner.id,
            organization_id=organization,
            name=name,
            sort_name=sort_key(name),
            scopes=sorted(set(scopes)),
            created_at=clock.now(),
            created_by=actor.person_id,
            revoked_at=None,
        )
        session.add(key)
        await session.flush()
        secret = await _add_secret(session, key, environment, timedelta(days=expires_in_days))
    made = ApiKeyMade(
        subject_id=owner.id,
        api_key=key.id,
        scopes=tuple(key.scopes),
        organization=organization,
    )
    await record(session, actor, made)
    return key, secret


async def rotate_key(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    environment: Environment,
    overlap: timedelta = OVERLAP,
    expires_in_days: int = DEFAULT_DAYS,
) -> tuple[ApiKey, str]:
    """A new secret of a key, once; the earlier one stays good for `overlap`, so that a script can
    be changed without a break. No overlap ends every earlier one at once: it has leaked.

    Needs what making it would. Raises `ApiKeyNotFound`, `ApiKeyEnded`, `RotationUnderWay`,
    `NotAServiceAccount`, `ScopesAboveOnesOwn`, `OwnerInactive`."""
    key = await key_for(session, actor, reference, lock=True)
    if key.revoked_at is not None:
        raise ApiKeyEnded
    await _refuse_taking_over(session, actor, key)
    now = clock.now()
    async with as_system(session, actor) as system:
        held = await secrets_of(session, system, [key.id])
        good = [each for each in held if each.expires_at > now]
        if overlap and len(good) >= MOST_SECRETS:
            raise RotationUnderWay
        for each in good:
            each.expires_at = min(each.expires_at, now + overlap)
        await session.flush()
        secret = await _add_secret(session, key, environment, timedelta(days=expires_in_days))
    await record(session, actor, ApiKeyRotated(subject_id=key.person_id, api_key=key.id))
    return key, secret


async def revoke_key(session: AsyncSession, actor: Actor, reference: str | UUID) -> None:
    """End a key with its secrets, at once and for good; nothing happens to one that was revoked.
    Raises `ApiKeyNotFound`."""
    key = await key_for(session, actor, reference, lock=True)
    if key.revoked_at is None:
        async with as_system(session, actor):
            key.revoked_at = clock.now()
        ended = ApiKeyRevoked(subject_id=key.person_id, api_key=key.id, reason="revoked")
        await record(session, actor, ended)


async def revoke_keys_of(
    session: AsyncSession, system: Actor, person_id: UUID, *, reason: str
) -> None:
    """End every key that acts as somebody: should he come back, they stay ended."""
    ended = await session.scalars(
        update(ApiKey)
        .where(
            ApiKey.tenant_id == system.tenant_id,
            ApiKey.person_id == person_id,
            ApiKey.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
        .returning(ApiKey.id),
        execution_options={"synchronize_session": False},
    )
    for key_id in ended.all():
        over = ApiKeyRevoked(subject_id=person_id, api_key=key_id, reason=reason)
        await record(session, system, over)


async def note_first_use(session: AsyncSession, actor: Actor, network: str) -> None:
    """Write down that a key is used for the first time that day from a network."""
    if actor.api_key_id is not None:
        used = ApiKeyUsed(
            subject_id=actor.person_id, api_key=actor.api_key_id, network=neighbourhood(network)
        )
        await record(session, actor, used)


async def _owner(session: AsyncSession, actor: Actor, person: UUID | None) -> Person:
    try:
        owner = await person_for(session, actor, person or actor.person)
    except PersonNotFound as error:
        raise Invalid(faults=(not_a_choice("/person"),)) from error
    if owner.id != actor.person_id:
        require(actor, "api_keys:manage")
        if not owner.service and not actor.is_system:
            raise NotAServiceAccount
    if owner.state != "active":
        raise OwnerInactive
    return owner


async def _refuse_unknown(session: AsyncSession, actor: Actor, organization: UUID) -> None:
    try:
        await organization_for(session, actor, organization)
    except OrganizationNotFound as error:
        raise Invalid(faults=(not_a_choice("/organization"),)) from error


def _refuse_too_much(
    scopes: Sequence[str], organization: UUID | None, owner: Actor, maker: Actor
) -> None:
    """Raise for scopes there are not, that nobody hands on, or that the owner, or whoever makes
    the key, has not himself where it is to work."""
    faults = []
    for place, scope in enumerate(scopes):
        at = f"/scopes/{place}"
        if scope not in PERMISSIONS:
            faults.append(not_a_choice(at))
        elif scope in NEVER_DELEGATED or (organization is not None and scope in TENANT_WIDE):
            faults.append(Fault("not-handed-on", "This cannot be handed on to a key.", at))
        elif not (owner.may(scope, organization) and maker.may(scope, organization)):
            faults.append(Fault("above-ones-own", "You, or its owner, lack this yourself.", at))
    if faults:
        raise ScopesAboveOnesOwn(faults=tuple(faults))


async def _refuse_taking_over(session: AsyncSession, actor: Actor, key: ApiKey) -> None:
    """Whoever is shown a secret can do all that its key may."""
    owner = await _owner(session, actor, key.person_id)
    if owner.id == actor.person_id:
        require(actor, "api_keys:create", key.organization_id)
    elif not all(actor.may(scope, key.organization_id) for scope in key.scopes):
        raise ScopesAboveOnesOwn


async def _add_secret(
    session: AsyncSession, key: ApiKey, environment: Environment, lasts: timedelta
) -> str:
    secret = new_key(environment, key.id)
    now = clock.now()
    session.add(
        ApiKeySecret(
            tenant_id=key.tenant_id,
            fingerprint=fingerprint(secret),
            api_key_id=key.id,
            created_at=now,
            expires_at=now + lasts,
            last_used_at=None,
        )
    )
    await session.flush()
    return secret
