"""Registering apps: by tenants' administrators (`apps:manage`)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.permissions import NEVER_DELEGATED, PERMISSIONS
from app.access.require import require
from app.access.system import as_system
from app.domain.apps.events import AppChanged, AppRegistered, AppRemoved
from app.domain.apps.lifecycle import may_be_origin, may_be_redirect
from app.domain.apps.problems import AppUnfit
from app.domain.apps.queries import app_for
from app.domain.people.actors import actor_for
from app.domain.people.problems import PersonNotFound
from app.domain.people.queries import person_for
from app.domain.sign_in.tokens import end_sessions_through
from app.journal import record
from app.kernel import clock, ids
from app.kernel.problems import Fault, not_a_choice
from app.kernel.secrets import fingerprint, new_token
from app.kernel.sorting import sort_key
from app.kernel.versions import expect
from app.models.apps import App, AppConsent
from app.models.people import Person

#: What `change_app` takes.
CHANGEABLE = frozenset({"name", "redirect_uris", "scopes", "origins", "introspects"})


async def register_app(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    kind: str,
    redirect_uris: Sequence[str],
    scopes: Sequence[str],
    origins: Sequence[str] = (),
    service_account: UUID | None = None,
    introspects: bool = False,
) -> tuple[App, str | None]:
    """A new app and, once, the secret of a confidential one. With `service_account` it may act by
    itself, with no more than whoever registers it. Needs `apps:manage`. Raises `AppUnfit`."""
    require(actor, "apps:manage")
    secret = new_token("sks") if kind == "confidential" else None
    now = clock.now()
    app = App(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        name=name,
        sort_name=sort_key(name),
        kind=kind,
        redirect_uris=list(redirect_uris),
        scopes=sorted(set(scopes)),
        origins=list(origins),
        secret_fingerprint=fingerprint(secret) if secret else None,
        person_id=service_account,
        introspects=introspects,
        created_at=now,
        updated_at=now,
        removed_at=None,
    )
    await _refuse_unfit(session, actor, app)
    async with as_system(session, actor):
        session.add(app)
        await session.flush()
    await record(session, actor, AppRegistered(app=app.id, scopes=tuple(app.scopes)))
    return app, secret


async def change_app(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    expected_version: int | None,
    changes: Mapping[str, Any],
) -> App:
    """Change what `changes` names (`CHANGEABLE`). What is taken from its scopes is taken at once
    from all it holds. Raises `AppNotFound`, `Stale`, `AppUnfit`."""
    app, _ = await app_for(session, actor, reference, lock=True)
    expect(app.version, expected_version)
    # Nothing is written before it is known to fit.
    with session.no_autoflush:
        async with as_system(session, actor):
            for field, value in changes.items():
                setattr(app, field, sorted(set(value)) if field == "scopes" else value)
            app.sort_name = sort_key(app.name)
            await _refuse_unfit(session, actor, app)
            await _keep(session, app)
    await record(session, actor, AppChanged(app=app.id, changed=tuple(sorted(changes))))
    return app


async def renew_secret(session: AsyncSession, actor: Actor, reference: str) -> tuple[App, str]:
    """A new secret of a confidential app, shown this once; the one before is of no use any more.
    Raises `AppNotFound`, `AppUnfit`."""
    app, _ = await app_for(session, actor, reference, lock=True)
    if app.kind != "confidential":
        raise AppUnfit(faults=(Fault("public", "A public app keeps no secret.", "/kind"),))
    await _refuse_unfit(session, actor, app)
    secret = new_token("sks")
    async with as_system(session, actor):
        app.secret_fingerprint = fingerprint(secret)
        await _keep(session, app)
    await record(session, actor, AppChanged(app=app.id, changed=("secret",)))
    return app, secret


async def remove_app(
    session: AsyncSession, actor: Actor, reference: str, *, expected_version: int | None
) -> None:
    """Take an app away: with the next request all it holds is of no use. Raises `AppNotFound`,
    `Stale`."""
    app, _ = await app_for(session, actor, reference, lock=True)
    expect(app.version, expected_version)
    async with as_system(session, actor) as system:
        app.removed_at = clock.now()
        await session.flush()
        await session.execute(
            delete(AppConsent).where(
                AppConsent.tenant_id == actor.tenant_id, AppConsent.app_id == app.id
            )
        )
        await end_sessions_through(session, system, app.id, reason="app-removed")
    await record(session, actor, AppRemoved(app=app.id))


async def _keep(session: AsyncSession, app: App) -> None:
    app.version += 1
    app.updated_at = clock.now()
    await session.flush()


async def _refuse_unfit(session: AsyncSession, actor: Actor, app: App) -> None:
    faults = [*_unfit_addresses(app), *_unfit_scopes(app)]
    if app.kind == "public":
        for field in ("person_id", "introspects"):
            if getattr(app, field):
                at = "/service_account" if field == "person_id" else "/introspects"
                faults.append(Fault("only-confidential", "Only a confidential app can this.", at))
    elif app.person_id is not None:
        faults += await _unfit_service(session, actor, app, app.person_id)
    if not app.redirect_uris and app.person_id is None and not app.introspects:
        faults.append(Fault("required", "This is needed.", "/redirect_uris"))
    if faults:
        raise AppUnfit(faults=tuple(faults))


def _unfit_addresses(app: App) -> list[Fault]:
    confidential = app.kind == "confidential"
    return [
        Fault(
            "not-a-redirect",
            "Use an https address, http://127.0.0.1 or, in public apps, a private scheme like"
            " com.example.app:/back; without a fragment.",
            f"/redirect_uris/{place}",
        )
        for place, uri in enumerate(app.redirect_uris)
        if not may_be_redirect(uri, confidential=confidential)
    ] + [
        Fault("not-an-origin", "Use an origin such as https://app.example.", f"/origins/{place}")
        for place, origin in enumerate(app.origins)
        if not may_be_origin(origin)
    ]


def _unfit_scopes(app: App) -> list[Fault]:
    return [
        not_a_choice(f"/scopes/{place}")
        for place, scope in enumerate(app.scopes)
        if scope not in PERMISSIONS or scope in NEVER_DELEGATED
    ]


async def _unfit_service(
    session: AsyncSession, actor: Actor, app: App, person_id: UUID
) -> list[Fault]:
    """Whoever is shown the secret can do all that the app may by itself."""
    try:
        account: Person | None = await person_for(session, actor, person_id)
    except PersonNotFound:
        account = None
    if account is None or not account.service:
        return [Fault("not-a-choice", "This must be a service account.", "/service_account")]
    require(actor, "api_keys:manage")
    async with as_system(session, actor) as system:
        rights = await actor_for(session, system, account)
    return [
        Fault("above-ones-own", "You, or its owner, lack this yourself.", f"/scopes/{place}")
        for place, scope in enumerate(app.scopes)
        if not (rights.may(scope) and actor.may(scope))
    ]
