"""A migration meets somebody who reads for long: it gives way, and nobody waits long behind it."""

import asyncio
import shutil
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from app.database import migrations
from app.kernel.settings import Settings
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.tickets import opened

_LONGEST = 1.5  # a second at most behind the migration, and what the request takes itself
_NEXT = """
revision, down_revision, branch_labels, depends_on = "9999", "{newest}", None, None

def upgrade() -> None:
    from alembic import op
    op.execute("ALTER TABLE tickets ADD COLUMN planted int")
"""


async def test_a_migration_behind_a_long_reader_keeps_no_request_waiting(
    house: Desk,
    settings: Settings,
    addresses: Addresses,
    fresh_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings.migration_database_url
    scripts = shutil.copytree(migrations.SCRIPTS, tmp_path / "migrations")
    (scripts / "versions" / "9999_next.py").write_text(_NEXT.format(newest=migrations.newest()))
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    member = await house.client("member@acme.example")
    await opened(member)
    waits = []
    with psycopg.connect(addresses.of("superuser", fresh_database)) as reader:
        reader.execute("SELECT count(*) FROM tickets")
        url = settings.migration_database_url
        migrating = asyncio.create_task(asyncio.to_thread(migrations.migrate, url))
        while not migrating.done():
            begun = time.monotonic()
            assert (await member.get("/v1/tickets")).status_code == 200
            waits.append(time.monotonic() - begun)
            await asyncio.sleep(0.01)
        with pytest.raises(OperationalError, match="lock timeout"):
            await migrating
    assert len(waits) > 1
    assert max(waits) < _LONGEST
    await asyncio.to_thread(migrations.migrate, url)  # once the reader has gone
    assert (await member.get("/v1/tickets")).status_code == 200
    print(f"longest wait behind a migration: {max(waits):.2f} s")  # noqa: T201
