"""Every change of people themselves; where they belong stands in `memberships`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require, require_recent
from app.access.system import as_system
from app.database.constraints import violated
from app.domain.people.addresses import address_key, readable_address
from app.domain.people.events import (
    PersonChanged,
    PersonCreated,
    PersonDeactivated,
    RightsChanged,
)
from app.domain.people.external_references import refuse_taken, taken
from app.domain.people.memberships import (
    give_role,
    refuse_above,
    refuse_leaver_of_others,
    refuse_of_others,
)
from app.domain.people.problems import (
    EmailInvalid,
    EmailTaken,
    NotOneself,
    PersonNotFound,
    ReachOfService,
    ShutOutByProvider,
    WrongSide,
)
from app.domain.people.queries import person_by_email, person_for
from app.journal import record
from app.kernel import clock, ids
from app.kernel.external_references import Reference
from app.kernel.problems import Fault
from app.kernel.sorting import sort_key
from app.kernel.versions import expect
from app.models.people import ContactDetails, FormerAddress, Person

#: What `change_person` takes; `change_oneself` takes the first three.
OWN_CHANGEABLE = frozenset({"name", "language", "muted"})
CHANGEABLE = OWN_CHANGEABLE | {"email", "phone", "state", "role", "external_ref"}


async def create_person(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    email: str | None = None,
    side: str = "customer",
    language: str | None = None,
    phone: str | None = None,
    role: str | None = None,
    service: bool = False,
    external_ref: Reference | None = None,
) -> Person:
    """A new person, who cannot sign in before the portal is opened for him (S4-2, S4-3). Or a
    service account, with which programs act: it has no address and never signs in.

    Needs `people:write`, for an agent `roles:assign` too, for a service account
    `api_keys:manage`. Raises `EmailInvalid`, `EmailTaken`, `RoleUnknown`, `WrongSide`,
    `ReachOfService`, `PersonReferenceTaken`."""
    require(actor, "people:write")
    if service:
        require(actor, "api_keys:manage")
    if side == "agent":
        require(actor, "roles:assign")
        await give_role(session, actor, role, "agent", actor.permissions)
    elif role is not None:
        raise WrongSide.at("/role")
    reached_at = await _address(session, actor, email, phone, service=service)
    await refuse_taken(session, actor, external_ref)
    now = clock.now()
    source, key = external_ref or (None, None)
    person = Person(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        side=side,
        state="active" if service else "invited",
        name=name,
        sort_name=sort_key(name),
        language=language,
        role=role,
        muted=service,
        service=service,
        external_source=source,
        external_key=key,
        created_at=now,
        updated_at=now,
    )
    session.add(person)
    await _keep(session)
    if reached_at is not None:
        await _add_contact_details(session, person, reached_at, phone)
    await record(session, actor, PersonCreated(subject_id=person.id, side=side))
    return person


async def _add_contact_details(
    session: AsyncSession, person: Person, email: str, phone: str | None
) -> None:
    """Raises `EmailTaken` where somebody got the address at the same moment."""
    added = await session.execute(
        insert(ContactDetails)
        .values(
            tenant_id=person.tenant_id,
            person_id=person.id,
            email=email,
            email_key=address_key(email),
            phone=phone,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "email_key"])
        .returning(ContactDetails.person_id)
    )
    if added.one_or_none() is None:
        raise _taken()


async def _address(
    session: AsyncSession, actor: Actor, email: str | None, phone: str | None, *, service: bool
) -> str | None:
    """The address of somebody new, which nobody has yet; `None` for a service account."""
    if service:
        _refuse_reaching({"email": email, "phone": phone})
        return None
    if email is None:
        raise EmailInvalid(faults=(Fault("required", "This is needed.", "/email"),))
    address = readable_address(email)
    await _refuse_taken(session, actor, address_key(address))
    return address


async def change_person(
    session: AsyncSession,
    actor: Actor,
    reference: str | UUID,
    *,
    expected_version: int | None,
    changes: dict[str, Any],
) -> Person:
    """Change what `changes` names (`CHANGEABLE`). Needs `people:write`; for another agent, and
    through a key or an app for an agent at all, `roles:assign` and all that his role allows; for
    a state `portal_access:grant` (S4-4); for a service account `api_keys:manage`. Of his
    colleagues a company admin changes the state (`colleagues:manage`, S3-4).

    `state: inactive` ends the person's access at once; whom the provider's side shut out no
    customer lets in again. Raises `PersonNotFound`, `Stale`, `NotOneself`, `RoleAboveOnesOwn`,
    `BelongsElsewhere`, `ShutOutByProvider`, `SignInAgain` for his own address, and what
    `create_person` raises."""
    somebody = await person_for(session, actor, reference)
    if actor.is_customer and changes.keys() == {"state"}:
        await refuse_leaver_of_others(session, actor, somebody)
        async with as_system(session, actor) as system:
            return await _changed(session, system, somebody.id, expected_version, changes, by=actor)
    require(actor, "people:write")
    if somebody.service:
        require(actor, "api_keys:manage")
    person = await person_for(session, actor, reference, lock=True)
    expect(person.version, expected_version)
    if person.id == actor.person_id and {"state", "role"} & changes.keys():
        raise NotOneself
    if "state" in changes:
        require(actor, "portal_access:grant")
    await _require_care_of(session, actor, person, changes)
    if "role" in changes:
        if person.side != "agent":
            raise WrongSide.at("/role")
        await give_role(session, actor, changes["role"], "agent", actor.permissions)
    await _apply(session, actor, person, changes)
    return person


async def _require_care_of(
    session: AsyncSession, actor: Actor, person: Person, changes: Mapping[str, Any]
) -> None:
    """Whoever could set the address of somebody above him could sign in as that person; a key or
    an app has less than its owner, one of a single organization knows no other, and whoever finds
    a session open is not its owner at all."""
    if actor.in_person and person.id == actor.person_id:
        if "email" in changes:
            require_recent(actor)
    elif person.side == "agent":
        require(actor, "roles:assign")
        await refuse_above(session, actor, person.role, actor.permissions)
    elif "email" in changes and actor.organization_id is not None:
        await refuse_of_others(session, actor, person, {actor.organization_id})


async def _changed(
    session: AsyncSession,
    system: Actor,
    person_id: UUID,
    expected_version: int | None,
    changes: dict[str, Any],
    *,
    by: Actor,
) -> Person:
    person = await person_for(session, system, person_id, lock=True)
    expect(person.version, expected_version)
    if changes["state"] != "inactive" and person.shut_out_by == "provider":
        raise ShutOutByProvider
    await _apply(session, by, person, changes)
    return person


async def change_oneself(
    session: AsyncSession, actor: Actor, *, expected_version: int | None, changes: dict[str, Any]
) -> Person:
    """Change one's own name, language or mail setting (`OWN_CHANGEABLE`)."""
    person = await session.scalar(
        select(Person)
        .where(Person.tenant_id == actor.tenant_id, Person.id == actor.person)
        .with_for_update()
    )
    if person is None:
        raise PersonNotFound
    expect(person.version, expected_version)
    await _apply(session, actor, person, changes)
    return person


async def _apply(
    session: AsyncSession, actor: Actor, person: Person, changes: dict[str, Any]
) -> None:
    before, former = person.state, None
    contact = await session.get(ContactDetails, (actor.tenant_id, person.id))
    if person.service:
        _refuse_reaching(changes)
    elif contact is None:
        raise PersonNotFound
    if "email" in changes and contact is not None:
        address = readable_address(changes["email"])
        await _refuse_taken(session, actor, address_key(address), besides=person.id)
        if contact.email_key != address_key(address) and before == "active":
            former = await _keep_former(session, actor, contact)
        contact.email, contact.email_key = address, address_key(address)
    await _refer(session, actor, person, changes)
    _set(person, contact, changes, by=actor)
    if not any(each is not None and session.is_modified(each) for each in (person, contact)):
        return
    person.version += 1
    person.updated_at = clock.now()
    await _keep(session)
    changed = PersonChanged(
        subject_id=person.id, changed=tuple(sorted(changes)), former_address=former
    )
    await record(session, actor, changed)
    if "role" in changes:
        await record(session, actor, RightsChanged(subject_id=person.id, role=person.role))
    if before != "inactive" and person.state == "inactive":
        await record(session, actor, PersonDeactivated(subject_id=person.id))


async def _refer(
    session: AsyncSession, actor: Actor, person: Person, changes: Mapping[str, Any]
) -> None:
    if "external_ref" in changes:
        await refuse_taken(session, actor, changes["external_ref"], besides=person.id)
        person.external_source, person.external_key = changes["external_ref"] or (None, None)


def _set(
    person: Person, contact: ContactDetails | None, changes: dict[str, Any], *, by: Actor
) -> None:
    if "phone" in changes and contact is not None:
        contact.phone = changes["phone"]
    if "name" in changes:
        person.name, person.sort_name = changes["name"], sort_key(changes["name"])
    for field in {"language", "muted", "role", "state"} & changes.keys():
        setattr(person, field, changes[field])
    if "state" in changes:
        _note_who_shuts_out(person, by=by)


def _note_who_shuts_out(person: Person, *, by: Actor) -> None:
    """Whoever is shut out by both sides is shut out by the provider."""
    if person.state != "inactive":
        person.shut_out_by = None
    elif not by.is_customer:
        person.shut_out_by = "provider"
    else:
        person.shut_out_by = person.shut_out_by or "customer"


async def _keep_former(session: AsyncSession, actor: Actor, contact: ContactDetails) -> UUID:
    """Remember an address for a while, to tell somebody there that he has another one."""
    former = FormerAddress(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        person_id=contact.person_id,
        email=contact.email,
        replaced_at=clock.now(),
    )
    async with as_system(session, actor):
        session.add(former)
    return former.id


async def _keep(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody else was given this address, or this reference, at the same moment.
        if violated(error) == "uq_contact_details_tenant_id_email_key":
            raise _taken() from error
        if violated(error) == "uq_people_tenant_id_external_source_external_key":
            raise taken() from error
        raise


async def _refuse_taken(
    session: AsyncSession, actor: Actor, key: str, *, besides: UUID | None = None
) -> None:
    async with as_system(session, actor) as system:
        holder = await person_by_email(session, system, key)
    if holder is not None and holder[0].id != besides:
        raise _taken()


def _refuse_reaching(given: Mapping[str, Any]) -> None:
    """Whoever could give a service account an address could sign in as it."""
    faults = tuple(
        Fault(ReachOfService.code, ReachOfService.detail, f"/{name}")
        for name in ("email", "phone")
        if given.get(name) is not None
    )
    if faults:
        raise ReachOfService(faults=faults)


def _taken() -> EmailTaken:
    return EmailTaken.at("/email", EmailTaken.title)
