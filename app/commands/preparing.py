"""`skranke database prepare`: the roles on a server of the operator's own."""

import secrets
from urllib.parse import quote

import typer
from psycopg.conninfo import conninfo_to_dict

from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import required
from app.commands.progress import console, step
from app.database.roles import APP, DATABASE, OWNER, SIGN_IN_ROLES, WORKER, prepare
from app.kernel.settings import Settings

_ROLE_OF = {
    "database_url": APP,
    "migration_database_url": OWNER,
    "worker_database_url": WORKER,
}


def prepare_given(settings: Settings, superuser_url: str) -> None:
    """Prepare the server behind `superuser_url` for the three addresses of the settings.

    Where none is set, passwords are made and the addresses printed on standard output."""
    if settings.embedded:
        database, passwords = DATABASE, {role: secrets.token_urlsafe(24) for role in SIGN_IN_ROLES}
    else:
        database, passwords = _wanted(settings)
    with step(f"Preparing the database {database}"):
        urls = prepare(superuser_url, database=database, passwords=passwords)
    console.print(
        f"  Roles {', '.join(SIGN_IN_ROLES)} and the finder are there; {database} belongs to"
        f" {OWNER}."
    )
    if settings.embedded:
        console.print("  Set these, and keep them secret:")
        typer.echo(f"SKRANKE_DATABASE_URL={urls.app}")
        typer.echo(f"SKRANKE_WORKER_DATABASE_URL={urls.worker}")
        typer.echo(f"SKRANKE_MIGRATION_DATABASE_URL={urls.owner}")
    elif unset := [role for role in SIGN_IN_ROLES if role not in passwords]:
        console.print(f"  No password given, so none set: {', '.join(unset)}.")
    console.print("  Next: skranke database migrate")


def _wanted(settings: Settings) -> tuple[str, dict[str, str]]:
    """The database and the passwords that the three addresses of the settings name."""
    databases, passwords = set(), {}
    for name, role in _ROLE_OF.items():
        variable = f"SKRANKE_{name.upper()}"
        parts = conninfo_to_dict(required(getattr(settings, name)).get_secret_value())
        if parts.get("user") != role:
            raise CommandFailed(
                f"{variable} must sign in as {role}, not as {parts.get('user')}:"
                f" postgresql://{quote(role)}:password@host/database",
                Exit.SETTINGS,
            )
        databases.add(str(parts.get("dbname", role)))
        if parts.get("password"):
            passwords[role] = str(parts["password"])
    if len(databases) > 1:
        raise CommandFailed(
            f"The three addresses name different databases: {', '.join(sorted(databases))}.",
            Exit.SETTINGS,
        )
    return databases.pop(), passwords
