"""`skranke idp`: whether people can be signed in by others' word."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import database_of, read_settings
from app.commands.progress import console
from app.commands.readiness import require_ready

if TYPE_CHECKING:
    from app.domain.tenants.definition import Definition
    from app.kernel.settings import Settings

idp = typer.Typer(help="Providers that sign people in (OpenID Connect).", no_args_is_help=True)


@idp.callback()
def _group() -> None:
    """Keep `check` a command of its own."""


@idp.command()
def check(
    portal: Annotated[str, typer.Argument(help="The portal's slug.")],
    provider: Annotated[str | None, typer.Argument(help="Key of one provider.")] = None,
) -> None:
    """Read what providers say of themselves, and their keys; tell what is wrong, change nothing."""
    with database_of(read_settings("worker_database_url")) as settings:
        require_ready(settings)
        well = asyncio.run(_look(settings, portal, provider))
    if not well:
        raise typer.Exit(Exit.NOT_WELL)


async def _look(settings: "Settings", portal: str, key: str | None) -> bool:
    from app.commands.applying import in_force, opened

    async with opened(settings) as database:
        definition = await in_force(database, portal)
    if definition is None:
        raise CommandFailed(f"There is no portal {portal!r} here.", Exit.DEFINITION)
    keys = [each.key for each in definition.sign_in.providers if key in {None, each.key}]
    if not keys:
        named = f"no provider {key!r}" if key else "no providers"
        raise CommandFailed(f"The portal {portal} has {named}.", Exit.DEFINITION)
    results = [await _tell(settings, definition, each) for each in keys]
    return all(results)


async def _tell(settings: "Settings", definition: "Definition", key: str) -> bool:
    from rich.markup import escape

    from app.domain.federation.checking import look_at
    from app.domain.federation.providers import rules_of
    from app.gateways.openid import OpenIdProviders
    from app.gateways.outgoing import Outgoing

    provider = next(each for each in definition.sign_in.providers if each.key == key)
    console.print(f"{key} ({provider.kind}{'' if provider.offered else ', not offered'})")
    outgoing = Outgoing(loopback=settings.loopback_providers)
    well = True
    try:
        async for found in look_at(
            OpenIdProviders(outgoing),
            rules_of(provider),
            portal=definition.portal.slug,
            base_url=settings.base_url,
            secrets_dir=settings.secrets_dir,
        ):
            mark = "[green]✓[/green]" if found.well else "[red]✗[/red]"
            console.print(f"  {mark} {found.what}: {escape(found.said)}", soft_wrap=True)
            well = well and found.well
    finally:
        await outgoing.close()
    return well
