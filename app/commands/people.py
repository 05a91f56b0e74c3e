"""Shared by commands about people: a transaction as a portal's system, and finding a person."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from app.commands.failures import CommandFailed, Exit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.access.actor import Actor
    from app.database.paging import Page
    from app.kernel.problems import Problem
    from app.models.people import Person

Answer = TypeVar("Answer")
Row = TypeVar("Row")
Portal = Annotated[str, typer.Argument(help="The portal's slug.")]


def at_desk(portal: str, deed: "Callable[[AsyncSession, Actor], Awaitable[Answer]]") -> Answer:
    """What `deed` answers, done in one transaction as the system of a portal, with all that
    follows in its transaction. A refusal is one line. Raises `CommandFailed`."""
    from app.commands.applying import at_portal, opened
    from app.commands.prerequisites import database_of, read_settings
    from app.commands.readiness import require_ready
    from app.kernel.problems import Problem
    from app.reactions import reactions

    async def run() -> Answer:
        async with opened(settings, {"reactions": reactions()}) as database:
            try:
                async with at_portal(database, portal) as (session, system):
                    return await deed(session, system)
            except LookupError as error:
                raise CommandFailed(str(error), Exit.DEFINITION) from error
            except Problem as refused:
                raise CommandFailed(_line(refused), Exit.REFUSED) from refused

    with database_of(read_settings("worker_database_url")) as settings:
        require_ready(settings)
        return asyncio.run(run())


async def all_rows(page_of: "Callable[..., Awaitable[Page[Row]]]") -> list[Row]:
    """Every row of a list, page by page; `page_of` takes `after` and `limit`."""
    rows: list[Row] = []
    after = None
    while True:
        page = await page_of(after=after, limit=100)
        rows += page.rows
        if page.next is None:
            return rows
        after = page.next


async def person_at(session: "AsyncSession", system: "Actor", address: str) -> "Person":
    """Whoever has this address in the portal. Raises `CommandFailed`."""
    from app.domain.people.addresses import address_key
    from app.domain.people.queries import person_by_email

    found = await person_by_email(session, system, address_key(address))
    if found is None:
        raise CommandFailed(f"Nobody here has the address {address}.", Exit.REFUSED)
    return found[0]


async def require_role(session: "AsyncSession", system: "Actor", role: str) -> None:
    """Raise `CommandFailed`, with those there are, unless agents may be given this role."""
    from app.domain.people.queries import role_for
    from app.domain.tenants.queries import definition_of

    if await role_for(session, system, role, "agent") is None:
        held = (await definition_of(session, system)).roles
        known = ", ".join(sorted(each.key for each in held if each.side == "agent"))
        raise CommandFailed(
            f"There is no role {role!r} of agents; there are {known}.", Exit.REFUSED
        )


def require_permissions(scopes: list[str]) -> None:
    """Raise `CommandFailed` for a scope that is no permission, with those that look like it."""
    from difflib import get_close_matches

    from app.access.permissions import PERMISSIONS

    for scope in scopes:
        if scope not in PERMISSIONS:
            near = " or ".join(get_close_matches(scope, PERMISSIONS, n=3))
            advice = f"; did you mean {near}?" if near else "."
            raise CommandFailed(f"There is no permission {scope!r}{advice}", Exit.REFUSED)


def _line(refused: "Problem") -> str:
    from app.kernel.locale import translate

    places = " ".join(
        f"{fault.pointer or fault.parameter}: {translate(fault.detail, 'en', **fault.values)}"
        for fault in refused.faults
    )
    said = f"{translate(refused.title, 'en')}. {translate(refused.detail, 'en', **refused.values)}"
    return f"{said} {places}".strip()
