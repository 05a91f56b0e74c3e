"""Demo people: made through the domain's own actions; `demo.json` holds their passwords."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.commands.applying import SHIPPED, apply_file, at_portal, in_force, shipped_files
from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import DEMO_FILE
from app.database.session import Database
from app.domain.invitations.terms import note_consent, terms_due_of
from app.domain.organizations.actions import create_organization
from app.domain.people.actions import create_person
from app.domain.people.addresses import address_key
from app.domain.people.memberships import grant_membership, join_team
from app.domain.people.queries import person_by_email
from app.domain.sign_in.password_changes import set_first_password
from app.domain.tenants.definition import Definition
from app.domain.tenants.demo import DemoPeople, DemoPerson, load_demo_people
from app.kernel.external_references import Reference
from app.kernel.settings import Settings
from app.models.organizations import Organization

FILE = DEMO_FILE
#: Where demo organizations say they come from.
SOURCE = "demo"


def demo_people_of(definition: Definition) -> DemoPeople | None:
    """The demo people shipped for a portal, if there are any. Raises `DefinitionError`."""
    file = SHIPPED / "demo" / f"{definition.portal.slug}.yaml"
    return load_demo_people(file, definition) if file.exists() else None


async def apply_shipped(
    database: Database, settings: Settings, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Put every shipped definition in force, with its demo people; safe to repeat.

    Writes `demo.json` in the data directory. `tell` is called with each portal. Raises
    `DefinitionError`."""
    file = settings.data_dir / FILE
    known = read_passwords(file)
    portals: dict[str, list[dict[str, Any]]] = {}
    for source in shipped_files():
        tell(source.stem)
        applied = await apply_file(database, source)
        people = demo_people_of(applied.definition)
        if people:
            portals[people.portal] = await apply_people(database, people, known)
    write_people(file, settings.base_url, {**_others(file, portals), **portals})


async def add_people(database: Database, slug: str, settings: Settings) -> None:
    """Make the demo people of one portal and add them to `demo.json`. Raises `DefinitionError`."""
    file = settings.data_dir / FILE
    definition = await in_force(database, slug)
    people = demo_people_of(definition) if definition else None
    if people is None:
        raise CommandFailed(f"No demo people are shipped for {slug!r}.", Exit.DEFINITION)
    listed = {slug: await apply_people(database, people, read_passwords(file))}
    write_people(file, settings.base_url, {**_others(file, listed), **listed})


def read_passwords(file: Path) -> dict[tuple[str, str], str]:
    """The passwords an earlier start wrote: (slug, address) → password. Empty where none did."""
    return {
        (slug, person["email"]): person["password"]
        for slug, people in _written(file).items()
        for person in people
    }


def _others(file: Path, portals: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What the file says of other portals."""
    return {slug: people for slug, people in _written(file).items() if slug not in portals}


def _written(file: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        portals = json.loads(file.read_text(encoding="utf-8"))["portals"]
        written = {slug: list(portal["people"]) for slug, portal in portals.items()}
        _ = [person["email"] + person["password"] for who in written.values() for person in who]
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        # A damaged file counts as a missing one: everybody gets a new password.
        return {}
    return written


def write_people(file: Path, base: str, portals: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write the addresses and passwords, readable by the owner of the file alone."""
    content = {"base": base, "portals": {slug: {"people": who} for slug, who in portals.items()}}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(content, handle, ensure_ascii=False, indent=2)
        handle.write("\n")
    draft.replace(file)


async def apply_people(
    database: Database, people: DemoPeople, known: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Make the demo people of a portal where they are missing; answer them as in `demo.json`.

    Whoever has a password in `known` keeps it; everybody else gets a new one. Safe to repeat."""
    listed: list[dict[str, Any]] = []
    names = {organization.key: organization.name for organization in people.organizations}
    async with at_portal(database, people.portal) as (session, actor):
        companies = {
            key: await _organization(session, actor, key, name) for key, name in names.items()
        }
        for person in people.people:
            password = known.get((people.portal, person.email))
            password = await _person(session, actor, person, companies, password)
            listed.append(
                {
                    "name": person.name,
                    "email": person.email,
                    "password": password,
                    "side": person.side,
                    "role": person.role,
                    "organization": names.get(person.organization or ""),
                }
            )
    return listed


async def _organization(session: AsyncSession, actor: Actor, key: str, name: str) -> UUID:
    known = await session.scalar(
        select(Organization.id).where(
            Organization.tenant_id == actor.tenant_id,
            Organization.external_source == SOURCE,
            Organization.external_key == key,
        )
    )
    if known is not None:
        return known
    made = await create_organization(session, actor, name=name, external_ref=Reference(SOURCE, key))
    return made.id


async def _person(
    session: AsyncSession,
    actor: Actor,
    wanted: DemoPerson,
    companies: Mapping[str, UUID],
    password: str | None,
) -> str:
    found = await person_by_email(session, actor, address_key(wanted.email))
    if found is not None and password is not None:
        await _agree(session, actor, found[0].id)
        return password
    person = (
        found[0]
        if found
        else await create_person(
            session,
            actor,
            name=wanted.name,
            email=wanted.email,
            side=wanted.side,
            language=wanted.language,
            role=wanted.role if wanted.side == "agent" else None,
        )
    )
    if found is None:
        if wanted.organization:
            company = companies[wanted.organization]
            await grant_membership(session, actor, company, person.id, role=wanted.role)
        for team in wanted.teams:
            await join_team(session, actor, person.id, team)
    password = secrets.token_urlsafe(15)
    await set_first_password(session, actor, person, password)
    await _agree(session, actor, person.id)
    return password


async def _agree(session: AsyncSession, actor: Actor, person_id: UUID) -> None:
    """Demo people have accepted the portal's terms: whoever tries it out comes straight in."""
    terms = await terms_due_of(session, actor, person_id)
    if terms is not None:
        await note_consent(session, actor, person_id, terms, terms.version)
