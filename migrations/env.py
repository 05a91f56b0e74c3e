"""How migrations run: one at a time (advisory lock), never waiting long for a busy table."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from app import models  # noqa: F401  (fills the metadata that autogenerate compares with)
from app.database.base import Base
from app.database.session import driver_url

# Whoever calls waits behind a migration that waits for a table: no longer than this.
_LONGEST_WAIT = "900ms"
# Any number, the same for all: whoever migrates holds it.
_LOCK = 7_355_608_114


def _ours(item: Any, _name: Any, kind: str, *_more: Any) -> bool:
    """What autogenerate may compare: our own schema. The queue's belongs to its library."""
    return not (kind == "table" and getattr(item, "schema", None) not in {None, "public"})


def run() -> None:
    """Migrate online, in one transaction per migration."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    engine = create_engine(
        driver_url(context.config.attributes["url"]),
        poolclass=pool.NullPool,
        connect_args={"application_name": "skranke-migrate", "connect_timeout": 10},
    )
    with engine.connect() as opened:
        opened.execute(text("SET lock_timeout = '4s'"))
        opened.execute(text("SET statement_timeout = '0'"))
        opened.execute(text("SET idle_in_transaction_session_timeout = '10min'"))
        opened.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        opened.execute(text(f"SET lock_timeout = '{_LONGEST_WAIT}'"))
        opened.commit()
        try:
            _migrate(opened)
            opened.commit()
        finally:
            opened.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            opened.commit()


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        include_object=_ours,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
