"""PgBouncer in transaction mode before a database: each transaction on another connection."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pydantic import SecretStr

from tests.contract.programs import missing
from tests.served import free_port


@contextmanager
def before(address: SecretStr, *, connections: int) -> Iterator[SecretStr]:
    """PgBouncer before the database at `address`, with `connections` for everybody; yields the
    address to call it by."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing("PgBouncer", "On Debian: apt-get install pgbouncer.")
    parts = psycopg.conninfo.conninfo_to_dict(address.get_secret_value())
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="skranke-pgbouncer-"))
    folder.chmod(0o755)
    users = folder / "users.txt"
    users.write_text(f'"{parts["user"]}" "{parts["password"]}"\n')
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{parts['dbname']} = host={parts['host']} port={parts['port']}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {users}\npool_mode = transaction\n"
        f"default_pool_size = {connections}\n"
    )
    # It refuses to be root; as root it runs as whom the server lets near its socket.
    as_root = ["-u", Path(str(parts["host"])).owner()] if os.getuid() == 0 else []
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, *as_root, settings], stdout=log, stderr=log)
    url = f"postgresql://{parts['user']}:{parts['password']}@127.0.0.1:{port}/{parts['dbname']}"
    try:
        _wait_for(url, folder / "log")
        yield SecretStr(url)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _wait_for(url: str, log: Path) -> None:
    for _ in range(50):
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"PgBouncer did not come up: {log.read_text()}")
