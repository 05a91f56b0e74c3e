"""Programs of a directory that act as service accounts: bound, listed and unbound by
administrators (`api_keys:manage`).

A program is its service principal's object id in one directory, which is never used again, and its
application id. What it comes with is a token of that directory (`access_tokens`), believed first;
`wall.enter` then finds what it acts as.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.access.permissions import NEVER_DELEGATED, PERMISSIONS
from app.access.require import require
from app.access.system import as_system
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.federation.events import ProgramBound, ProgramUnbound
from app.domain.federation.problems import ProgramNotFound, ProgramTaken, ProgramUnfit
from app.domain.federation.providers import issuer_of, rules_of
from app.domain.people.actors import actor_for
from app.domain.people.problems import PersonNotFound
from app.domain.people.queries import person_for
from app.domain.tenants.definition.identity import Programs
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock, ids
from app.kernel.ids import parse_id
from app.kernel.problems import Fault, not_a_choice
from app.models.federation import ExternalIdentity
from app.models.people import Person

SORTS = {"created_at": SortKey(ExternalIdentity.created_at, datetime)}


@dataclass(frozen=True, slots=True)
class Program:
    """A program, and the service account that it acts as."""

    identity: ExternalIdentity
    account: Person


async def programs_page(
    session: AsyncSession,
    actor: Actor,
    *,
    service_account: UUID | None,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Program]:
    """A page of the tenant's programs, perhaps of one service account. Needs `api_keys:manage`."""
    require(actor, "api_keys:manage")
    condition = _of_tenant(actor)
    if service_account is not None:
        condition &= ExternalIdentity.person_id == service_account

    def rows(hits: Subquery) -> AnySelect:
        return _shown().join(hits, hits.c.id == ExternalIdentity.id).where(_of_tenant(actor))

    async with as_system(session, actor):
        page = await fetch_page(
            session,
            branches=[condition],
            source=ExternalIdentity,
            sort=SORTS[sort],
            descending=descending,
            after=after,
            limit=limit,
            rows=rows,
        )
    return Page([Program(row[0], row[1]) for row in page.rows], page.next)


async def program_for(session: AsyncSession, actor: Actor, reference: str | UUID) -> Program:
    """The program with this id. Raises `ProgramNotFound`, to whoever keeps none too."""
    program_id = parse_id(str(reference))
    if program_id is None or not actor.may("api_keys:manage"):
        raise ProgramNotFound
    async with as_system(session, actor):
        row = (
            await session.execute(
                _shown().where(_of_tenant(actor), ExternalIdentity.id == program_id)
            )
        ).one_or_none()
    if row is None:
        raise ProgramNotFound
    return Program(row[0], row[1])


async def bind_program(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    service_account: UUID,
    provider: str,
    directory: str | None,
    object_id: str,
    client_id: str,
    scopes: Sequence[str],
) -> UUID:
    """Let a program act as a service account from now on, with no more than this one, the actor
    and the portal's definition all have; answers its id.

    Needs `api_keys:manage`. Raises `ProgramUnfit`, `ProgramTaken`."""
    require(actor, "api_keys:manage")
    issuer, programs = await _directory(session, actor, provider, directory)
    account = await _account(session, actor, service_account)
    await _refuse_too_much(session, actor, account, scopes, programs)
    async with as_system(session, actor):
        made: UUID | None = await session.scalar(
            insert(ExternalIdentity)
            .values(
                tenant_id=actor.tenant_id,
                id=ids.new_id(),
                person_id=account.id,
                provider=provider,
                issuer=issuer,
                subject=object_id,
                account=name,
                bound_by="administrator",
                created_at=clock.now(),
                client_id=client_id,
                scopes=sorted(set(scopes)),
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "provider", "issuer", "subject"])
            .returning(ExternalIdentity.id)
        )
    if made is None:
        raise ProgramTaken
    bound = ProgramBound(
        subject_id=account.id, program=made, provider=provider, scopes=tuple(sorted(set(scopes)))
    )
    await record(session, actor, bound)
    return made


async def unbind_program(session: AsyncSession, actor: Actor, reference: str) -> None:
    """Let a program act no more, from the next request on. Raises `ProgramNotFound`."""
    program = (await program_for(session, actor, reference)).identity
    async with as_system(session, actor):
        await session.delete(program)
        await session.flush()
    unbound = ProgramUnbound(
        subject_id=program.person_id, program=program.id, provider=program.provider
    )
    await record(session, actor, unbound)


async def _directory(
    session: AsyncSession, actor: Actor, key: str, directory: str | None
) -> tuple[str, Programs]:
    """Who signs the tokens of a directory, and what the portal lets its programs do."""
    definition = await definition_of(session, actor)
    for provider, access in definition.sign_in.directory_access:
        if provider.key == key and access.programs is not None:
            rules = rules_of(provider)
            trusted = rules.expected.directories or frozenset()
            if directory is None and len(trusted) == 1:
                (directory,) = trusted
            if directory is None or directory not in trusted:
                raise ProgramUnfit(faults=(not_a_choice("/directory"),))
            return issuer_of(rules, directory), access.programs
    fault = Fault("not-a-choice", "The portal lets no program of this directory call.", "/provider")
    raise ProgramUnfit(faults=(fault,))


async def _account(session: AsyncSession, actor: Actor, person_id: UUID) -> Person:
    try:
        account: Person | None = await person_for(session, actor, person_id)
    except PersonNotFound:
        account = None
    if account is None or not account.service or account.state != "active":
        fault = Fault("not-a-choice", "This must be an active service account.", "/service_account")
        raise ProgramUnfit(faults=(fault,))
    return account


async def _refuse_too_much(
    session: AsyncSession,
    actor: Actor,
    account: Person,
    scopes: Sequence[str],
    programs: Programs,
) -> None:
    """Whoever holds the program's secret can do all that it may."""
    async with as_system(session, actor) as system:
        rights = await actor_for(session, system, account)
    faults = []
    for place, scope in enumerate(scopes):
        at = f"/scopes/{place}"
        if scope not in PERMISSIONS or scope in NEVER_DELEGATED:
            faults.append(not_a_choice(at))
        elif scope not in programs.permissions:
            faults.append(Fault("not-carried", "The portal lets programs carry no such thing.", at))
        elif not (rights.may(scope) and actor.may(scope)):
            faults.append(Fault("above-ones-own", "You, or its owner, lack this yourself.", at))
    if faults:
        raise ProgramUnfit(faults=tuple(faults))


def _shown() -> AnySelect:
    return select(ExternalIdentity, Person).join(
        Person, equal_in_tenant(Person.id, ExternalIdentity.person_id)
    )


def _of_tenant(actor: Actor) -> ColumnElement[bool]:
    return (ExternalIdentity.tenant_id == actor.tenant_id) & ExternalIdentity.client_id.is_not(None)
