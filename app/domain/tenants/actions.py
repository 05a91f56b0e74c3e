"""Every change of tenants: a definition is applied."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.database.base import Base
from app.domain.tenants.checks.roles import permissions_of
from app.domain.tenants.definition import Definition, Keyed
from app.domain.tenants.definition.identity import AccessTokens
from app.domain.tenants.events import DefinitionApplied
from app.domain.tenants.planning import Change, diff, merge, obstacles
from app.domain.tenants.problems import StepImpossible
from app.domain.tenants.queries import definition_in_force
from app.domain.tenants.strict_yaml import spell
from app.journal import record
from app.kernel import clock
from app.kernel.problems import Fault
from app.models.portals import Department, PortalDefinition, Role, Team, Tenant


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a definition came to."""

    definition: Definition
    version: int
    #: Nothing where the definition was in force already.
    changes: tuple[Change, ...]


def digest_of(definition: Definition) -> str:
    """The fingerprint of what a definition says, however its file is written."""
    text = json.dumps(definition.as_document(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


async def apply_definition(session: AsyncSession, actor: Actor, definition: Definition) -> Applied:
    """Put a definition that was checked in force for the actor's tenant; safe to repeat.

    The first one makes the tenant. What vanished from it is retired, never deleted. Needs
    `definition:write`; raises `StepImpossible`. Only one may be applied at a time: the caller
    holds `lock_definitions`."""
    require(actor, "definition:write")
    version, previous = await definition_in_force(session, actor)
    _refuse_obstacles(previous, definition)
    merged = merge(previous, definition)
    changes = tuple(diff(previous, definition))
    if previous is None or digest_of(previous) != digest_of(merged):
        version += 1
        await _store(session, actor, merged, version)
    # Also where nothing changed: what a shipped role allows may have, with a new release.
    await _put_in_force(session, actor, merged)
    if changes:
        applied = DefinitionApplied(
            subject_id=actor.tenant_id, version=version, digest=digest_of(merged)
        )
        await record(session, actor, applied)
    return Applied(merged, version, changes)


async def lock_definitions(session: AsyncSession) -> None:
    """Wait until nobody else applies a definition; held until the end of the transaction."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


#: One number for the installation: tenants may be made by it, and slugs are unique.
_LOCK = 0x536B_7261_6E6B_0002


def _refuse_obstacles(previous: Definition | None, definition: Definition) -> None:
    flaws = obstacles(previous, definition)
    if flaws:
        raise StepImpossible(
            faults=tuple(
                Fault("impossible", f"{spell(flaw.path)}: {flaw.message}") for flaw in flaws
            )
        )


async def _store(session: AsyncSession, actor: Actor, definition: Definition, version: int) -> None:
    now = clock.now()
    if version == 1:
        session.add(
            Tenant(
                id=actor.tenant_id,
                slug=definition.portal.slug,
                definition_version=version,
                created_at=now,
                **_kept_at_hand(definition),
            )
        )
        await session.flush()
        await session.execute(select(func.wall.begin_ticket_numbers()))
    else:
        await session.execute(
            update(Tenant)
            .where(Tenant.id == actor.tenant_id)
            .values(definition_version=version, **_kept_at_hand(definition))
        )
    session.add(
        PortalDefinition(
            tenant_id=actor.tenant_id,
            version=version,
            digest=digest_of(definition),
            document=definition.as_document(),
            applied_at=now,
            applied_by=actor.person_id,
        )
    )
    await session.flush()


def _kept_at_hand(definition: Definition) -> dict[str, Any]:
    """What the database itself needs of the definition in force."""
    terms = definition.sign_in.terms
    return {
        "language": definition.portal.default_language,
        "terms_version": terms.version if terms else None,
        "terms_steps": [step.key for step in terms.asked] if terms else [],
        "second_factor_of": list(definition.sign_in.second_factor.required_of),
        "directory_access": {
            access.audience: _carried(provider.key, access)
            for provider, access in definition.sign_in.directory_access
        },
    }


def _carried(provider: str, access: AccessTokens) -> dict[str, Any]:
    """What access tokens for one audience carry: people's, and programs' where any are taken."""
    carried: dict[str, Any] = {"provider": provider, "permissions": sorted(access.permissions)}
    if access.programs:
        carried["programs"] = sorted(access.programs.permissions)
    return carried


async def _put_in_force(session: AsyncSession, actor: Actor, definition: Definition) -> None:
    """Rows for what other rows point at. Retired ones stay: people and tickets hold them."""
    await _upsert(
        session,
        actor,
        Department,
        ((each, {"confidential": each.confidential}) for each in definition.departments),
    )
    await _upsert(
        session, actor, Team, ((each, {"department": each.department}) for each in definition.teams)
    )
    await _upsert(
        session,
        actor,
        Role,
        (
            (each, {"side": each.side, "permissions": sorted(permissions_of(each))})
            for each in definition.roles
        ),
    )


async def _upsert(
    session: AsyncSession,
    actor: Actor,
    model: type[Base],
    items: Iterable[tuple[Keyed, Mapping[str, Any]]],
) -> None:
    now = clock.now()
    rows = [
        {
            "tenant_id": actor.tenant_id,
            "key": item.key,
            "position": position,
            "retired_at": now if item.retired else None,
            **values,
        }
        for position, (item, values) in enumerate(items)
    ]
    if not rows:
        return
    statement = insert(model).values(rows)
    table = model.__table__
    changed: dict[str, Any] = {
        name: statement.excluded[name] for name in rows[0] if name not in {"tenant_id", "key"}
    }
    # Retired once, it stays retired since then.
    since = func.coalesce(table.c.retired_at, statement.excluded.retired_at)
    changed["retired_at"] = case((statement.excluded.retired_at.is_(None), None), else_=since)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "key"], set_=changed)
    )
