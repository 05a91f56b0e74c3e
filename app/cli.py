"""Door: the operator's command `skranke`. A table of contents; what a command does is in its file.

Commands are loaded when they are called, so that one does not wait for what another needs.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

# Looking through everything that is installed for plugins to pydantic, which there are none of, is
# a twentieth of a start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# Name → where it is. A module's function is a command, a module's `typer.Typer` a group of them.
_COMMANDS = {
    "run": "app.commands.run:run",
    "serve": "app.commands.serve:serve",
    "work": "app.commands.work:work",
    "check": "app.commands.check:check",
    "database": "app.commands.database:database",
    "portal": "app.commands.portal:portal",
    "key": "app.commands.key:key",
    "user": "app.commands.user:user",
    "idp": "app.commands.idp:idp",
    "mail": "app.commands.mail:mail",
    "openapi": "app.commands.openapi:openapi",
}
_UNEXPECTED = (
    "Something happened that nobody foresaw: {kind}: {text}."
    " Repeat it as `skranke --debug …` to see where."
)


class _Contents(TyperGroup):
    """The commands by name, each loaded when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        place = _COMMANDS.get(cmd_name)
        return _loaded(cmd_name, place) if place else None


def _loaded(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        group = get_command(found)
        group.name = name
        return group
    single = typer.Typer(add_completion=False)
    single.command(name)(found)
    return get_command(single)


skranke = typer.Typer(
    name="skranke",
    cls=_Contents,
    add_completion=False,
    no_args_is_help=True,
    help="The open backend of a customer-support portal.",
)


@skranke.callback()
def _options(
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an unforeseen failure happened.")
    ] = False,
) -> None:
    """Take the options that stand before the command's name (`debug` is read by `main`)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exits with the command's code. Failures are one line each."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        get_command(skranke)(words, prog_name="skranke")
    except Exception as error:
        if "--debug" in words[:1]:
            raise
        sys.exit(_report(error))


def _report(error: Exception) -> int:
    from app.commands.failures import Exit, foreseen

    failure = foreseen(error)
    if failure:
        typer.echo(f"skranke: {failure}", err=True)
        return failure.code
    text = " ".join(str(error).split()) or "it says nothing more"
    typer.echo(
        f"skranke: {_UNEXPECTED.format(kind=type(error).__name__, text=text.rstrip('.'))}", err=True
    )
    return Exit.UNEXPECTED


if __name__ == "__main__":
    main()
