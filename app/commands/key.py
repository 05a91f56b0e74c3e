"""`skranke key`: make, list and revoke API keys, where nobody has signed in yet or nobody can."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.failures import CommandFailed, Exit
from app.commands.people import (
    Portal,
    all_rows,
    at_desk,
    person_at,
    require_permissions,
    require_role,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.access.actor import Actor
    from app.models.people import Person

key = typer.Typer(help="API keys: with them scripts act as somebody.", no_args_is_help=True)


@key.command()
def make(
    portal: Portal,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str], typer.Option(help="A permission it carries; repeat it.")],
    *,
    person: Annotated[str | None, typer.Option(help="Address of whoever it acts as.")] = None,
    service_role: Annotated[
        str | None, typer.Option(help="Instead: a new service account with this role of agents.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it is good.")] = 90,
) -> None:
    """Make a key and show it, once: on standard output, alone."""
    from app.commands.prerequisites import read_settings
    from app.domain.api_keys.actions import make_key
    from app.domain.api_keys.lifecycle import environment_of
    from app.domain.people.actions import create_person

    if (person is None) == (service_role is None):
        raise CommandFailed("Give --person or --service-role, one of them.", Exit.SETTINGS)
    require_permissions(scope)
    environment = environment_of(read_settings().environment)

    async def owner(session: "AsyncSession", system: "Actor") -> "Person":
        if person is not None:
            return await person_at(session, system, person)
        await require_role(session, system, service_role or "")
        return await create_person(
            session, system, name=name, side="agent", role=service_role, service=True
        )

    async def made(session: "AsyncSession", system: "Actor") -> str:
        _, secret = await make_key(
            session,
            system,
            name=name,
            scopes=scope,
            environment=environment,
            person=(await owner(session, system)).id,
            expires_in_days=days,
        )
        return secret

    typer.echo(at_desk(portal, made))


@key.command(name="list")
def list_(portal: Portal) -> None:
    """List the keys of a portal: id, state, when it ends, whose it is, its name and its scopes."""
    from app.domain.api_keys.queries import KeyView, keys_page

    async def found(session: "AsyncSession", system: "Actor") -> list[KeyView]:
        return await all_rows(
            partial(keys_page, session, system, person=None, sort="created_at", descending=False)
        )

    for view in at_desk(portal, found):
        ends = f"{view.secrets[0].expires_at:%Y-%m-%d}"
        scopes = " ".join(view.key.scopes)
        typer.echo(
            f"{view.key.id}  {view.state:14}  {ends}  {view.owner.name}: {view.key.name}  {scopes}"
        )


@key.command()
def revoke(
    portal: Portal,
    which: Annotated[str, typer.Argument(help="Id of the key, or the key itself as it was found.")],
) -> None:
    """Revoke a key: from the next request on it opens nothing."""
    from app.domain.api_keys.actions import revoke_key
    from app.domain.api_keys.lifecycle import id_in

    async def revoked(session: "AsyncSession", system: "Actor") -> None:
        await revoke_key(session, system, id_in(which) or which)

    at_desk(portal, revoked)
    typer.echo("Revoked.", err=True)
