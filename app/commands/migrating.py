"""Bringing the database to the newest schema, and saying which steps that took."""

from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import required
from app.commands.progress import console, step
from app.kernel.settings import Settings


def migrate_with_progress(settings: Settings) -> None:
    """Run the migrations that the database lacks, showing each. Raises `CommandFailed`."""
    import psycopg
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    from app.commands.readiness import revision_of
    from app.database.migrations import configuration, migrate

    url = required(settings.migration_database_url)
    with psycopg.connect(url.get_secret_value(), connect_timeout=10) as connection:
        found = revision_of(connection)
    scripts = ScriptDirectory.from_config(configuration(url))
    try:
        missing = list(scripts.iterate_revisions("head", found or "base"))[::-1]
    except CommandError as error:
        raise CommandFailed(
            f"The database is at migration {found}, which this program does not know. A newer"
            " Skranke has used it; run that one, or restore a backup.",
            Exit.MIGRATION,
        ) from error
    if not missing:
        console.print(f"[green]✓[/green] The schema is up to date [dim]({found})[/dim]")
        return
    with step("Migrating the database") as tell:
        for script in missing:
            tell(f"{script.revision} {script.doc}")
            migrate(url, script.revision)
