"""What every command needs before it can work: the settings, and a database that answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError

from app.commands.failures import CommandFailed, Exit
from app.commands.progress import step
from app.kernel.settings import Settings

if TYPE_CHECKING:
    from app.database.embedded import EmbeddedPostgres

#: In the data directory: who may sign in as a demo person, and how.
DEMO_FILE = "demo.json"
#: The settings that name the app's, the owner's and the worker's role at a server of one's own.
ADDRESSES = ("database_url", "migration_database_url", "worker_database_url")


def read_settings(*addresses: str) -> Settings:
    """The settings of the environment. `addresses` are those of `ADDRESSES` at which a command
    signs in: it needs no others. Raises `CommandFailed` naming what is wrong or missing."""
    try:
        settings = Settings()
    except ValidationError as error:
        faults = "; ".join(
            f"SKRANKE_{str(fault['loc'][0]).upper()}: {_words(fault['msg'])}"
            for fault in error.errors(include_input=False)
        )
        raise CommandFailed(f"The settings are not right. {faults}.", Exit.SETTINGS) from None
    if not settings.embedded:
        _require_addresses(settings, addresses)
    _require_mail_server(settings)
    return settings


def _words(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")


def _require_addresses(settings: Settings, needed: tuple[str, ...]) -> None:
    given = [name for name in ADDRESSES if getattr(settings, name) is not None]
    for name in given:
        _require_address(name, required(getattr(settings, name)))
    if missing := [f"SKRANKE_{name.upper()}" for name in needed if name not in given]:
        raise CommandFailed(
            f"{' and '.join(missing)} must be given: this command signs in there. The API, the"
            " worker and migrations each have a role of their own; without any of their three"
            " addresses the embedded database is used.",
            Exit.SETTINGS,
        )


def _require_address(name: str, url: SecretStr) -> None:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        conninfo_to_dict(url.get_secret_value())
    except psycopg.ProgrammingError:  # its text would show the password
        raise CommandFailed(
            f"SKRANKE_{name.upper()} is no address of a database. It looks like"
            " postgresql://role:password@host:5432/skranke.",
            Exit.SETTINGS,
        ) from None


def required(url: SecretStr | None) -> SecretStr:
    """The address; `read_settings` or the embedded server has seen to it that there is one."""
    if url is None:
        raise CommandFailed(
            "SKRANKE_DATABASE_URL, SKRANKE_MIGRATION_DATABASE_URL and SKRANKE_WORKER_DATABASE_URL"
            " must be set.",
            Exit.SETTINGS,
        )
    return url


def _require_mail_server(settings: Settings) -> None:
    if settings.smtp_url is None:
        return
    from app.gateways.mail import mailer_for

    try:
        mailer_for(settings)
    except ValueError as error:
        raise CommandFailed(f"SKRANKE_SMTP_URL cannot be used: {error}.", Exit.SETTINGS) from None


def embedded_folder(settings: Settings) -> Path:
    """Where the embedded database lies."""
    folder, upgraded = settings.data_dir / "postgres", settings.data_dir / "postgres.new"
    if upgraded.exists() and not folder.exists():
        upgraded.rename(folder)  # an upgrade was killed between the last two steps
    return folder


@contextmanager
def embedded_server(
    settings: Settings,
    *,
    ours_alone: bool = False,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator["EmbeddedPostgres"]:
    """The embedded server of these settings, its roles prepared, for as long as the block lasts.

    When another process already runs it, that one is used; `ours_alone` refuses that. `meanwhile`
    is done while it starts."""
    from app.database.embedded import EmbeddedPostgres, EmbeddedPostgresBusy

    server = EmbeddedPostgres(embedded_folder(settings))
    try:
        try:
            with step("Making the database" if server.is_new else "Starting the database"):
                server.start(meanwhile)
                prepare_roles(server)
            server.keep_running()
        except EmbeddedPostgresBusy:
            if ours_alone:
                raise
            server.attach()
        yield server
    finally:
        server.stop()


@contextmanager
def database_of(
    settings: Settings,
    *,
    ours_alone: bool = False,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[Settings]:
    """The settings with the addresses of a database: the given ones, else the embedded server's."""
    if not settings.embedded:
        yield settings
        return
    with embedded_server(settings, ours_alone=ours_alone, meanwhile=meanwhile) as server:
        yield with_urls(settings, server)


def prepare_roles(server: "EmbeddedPostgres") -> None:
    """Make the roles and the database of a running embedded server as they should be."""
    from app.database.roles import SIGN_IN_ROLES, prepare

    prepare(server.superuser_url(), passwords=server.passwords(*SIGN_IN_ROLES))


def with_urls(settings: Settings, server: "EmbeddedPostgres") -> Settings:
    """The settings with the addresses of a running embedded server."""
    from app.database.roles import APP, DATABASE, OWNER, WORKER

    roles = {
        "database_url": APP,
        "migration_database_url": OWNER,
        "worker_database_url": WORKER,
    }
    return settings.model_copy(
        update={name: SecretStr(server.url(role, DATABASE)) for name, role in roles.items()}
    )
