"""Remembers what the last start has prepared, so that the next one can skip it.

A start migrates the database and applies the shipped portals. Where the program, the database and
`demo.json` are those of the last start, this is skipped and the service is ready at once.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import psycopg

from app.commands.prerequisites import DEMO_FILE, required
from app.commands.readiness import revision_of
from app.kernel.settings import Settings

FILE = "started.json"
_PROGRAM = Path(__file__).parent.parent
_MIGRATIONS = _PROGRAM.parent / "migrations"
_TELLING = {".py", ".yaml"}


def is_done(settings: Settings) -> bool:
    """Whether the last start has already done everything that this one would do."""
    if not (settings.data_dir / DEMO_FILE).exists():
        return False
    try:
        remembered = json.loads((settings.data_dir / FILE).read_text())
    except (FileNotFoundError, ValueError):
        return False
    return bool(remembered == _present(settings))


def remember(settings: Settings) -> None:
    """Remember that everything has been done."""
    (settings.data_dir / FILE).write_text(json.dumps(_present(settings)))


def _present(settings: Settings) -> dict[str, Any]:
    """The program and the database as they are now."""
    url = required(settings.migration_database_url).get_secret_value()
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system()), oid FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
        revision = revision_of(connection)
    return {
        "program": _program(),
        "database": list(row or ()),
        "revision": revision,
        "base": settings.base_url,
    }


def _program() -> str:
    digest = hashlib.sha256()
    files = [*_PROGRAM.rglob("*"), *_MIGRATIONS.rglob("*")]
    for file in sorted(file for file in files if file.suffix in _TELLING):
        digest.update(str(file.relative_to(_PROGRAM.parent)).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
