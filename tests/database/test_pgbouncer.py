"""Behind PgBouncer in transaction mode: each transaction may have another connection, and the wall
is raised anew in each. What one leaves behind must not reach the next.

The setting `database_prepared_statements=false` is for versions before 1.21, as Debian 12 has.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.contract.programs import missing
from tests.desk import Desk
from tests.served import free_port

pytestmark = pytest.mark.slow

_SETTINGS = """
[databases]
* = host={host} port={database_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
"""


@pytest.fixture
def pooler(addresses: Addresses) -> Iterator[int]:
    """A PgBouncer with two connections for everybody; its port."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing("PgBouncer", "On Debian: apt-get install pgbouncer.")
    folder = Path(tempfile.mkdtemp(prefix="skranke-pooler-"))
    folder.chmod(0o755)
    at, port = conninfo_to_dict(addresses.app), free_port()
    users = folder / "users"
    users.write_text("".join(f'"{who}" "{word}"\n' for who, word in addresses.passwords.items()))
    file = folder / "pgbouncer.ini"
    file.write_text(
        _SETTINGS.format(
            host=at["host"], database_port=at.get("port", 5432), port=port, users=users
        )
    )
    # It refuses to be root, and must reach the server's socket: it runs as the server does.
    owner = Path(str(at["host"])).stat()
    folder.chmod(0o755)
    same = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, file], stdout=log, stderr=log, **same)  # type: ignore[call-overload]
    try:
        time.sleep(0.5)
        assert process.poll() is None, (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


async def test_many_at_once_share_two_connections_and_see_only_their_own(
    addresses: Addresses, fresh_database: str, pooler: int, tmp_path: Path
) -> None:
    passwords = addresses.passwords
    settings = cluster.settings_for(
        addresses,
        fresh_database,
        tmp_path,
        database_url=SecretStr(
            f"postgresql://skranke_app:{passwords['skranke_app']}@127.0.0.1:{pooler}/{fresh_database}"
        ),
        database_pool_size=4,  # few, so that each says the same often enough to prepare it
        database_prepared_statements=False,
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        desk = Desk(app, settings, cluster.demo_people(addresses))
        member = await desk.client("member@acme.example")
        agent = await desk.client("agent@tvox.example", "tvox")
        new = {"type": "bug", "subject": "Pooled", "description": "One.", "severity": "sev3"}

        async def ours() -> None:
            opened = await member.post("/v1/tickets", json=new)
            assert opened.status_code == 201, opened.text

        async def theirs() -> None:
            seen = await agent.get("/v1/tickets", params={"limit": 100})
            assert seen.status_code == 200, seen.text
            assert all(each["number"].startswith("TVX-") for each in seen.json()["items"])

        await asyncio.gather(*(each() for _ in range(12) for each in (ours, theirs)))
        mine = await member.get("/v1/tickets", params={"include": "total"})
        assert mine.json()["total"] == 12
        await desk.close()
    with psycopg.connect(addresses.of("superuser", fresh_database)) as connection:
        held = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'skranke_app'",
            [fresh_database],
        ).fetchone()
    assert held
    assert held[0] <= 2
