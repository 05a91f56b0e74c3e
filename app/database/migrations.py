"""Migrations as a verb: bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from pydantic import SecretStr

SCRIPTS = Path(__file__).parent.parent.parent / "migrations"


def configuration(url: SecretStr) -> Config:
    """Alembic's configuration for the owner role's database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    return config


def migrate(url: SecretStr, revision: str = "head") -> None:
    """Bring the database to `revision`. Waits for another migration that is under way."""
    command.upgrade(configuration(url), revision)


def newest() -> str:
    """The revision this program expects the database to be at."""
    head = ScriptDirectory.from_config(configuration(SecretStr(""))).get_current_head()
    if head is None:
        raise RuntimeError(f"there are no migrations in {SCRIPTS}")
    return head
