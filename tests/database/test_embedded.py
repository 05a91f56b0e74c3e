"""The embedded PostgreSQL starts, stops and recovers; what goes wrong is one line for a person."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from app.database.embedded import EmbeddedPostgres, EmbeddedPostgresBusy, EmbeddedPostgresError
from app.database.embedded.errors import from_os, from_output

pytestmark = pytest.mark.database
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root borrows a system user")

_STARTER = """
import sys, time
from pathlib import Path
import psycopg
from app.database.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), bin_dir=Path(sys.argv[2]))
server.start()
with psycopg.connect(server.superuser_url()) as connection:
    connection.execute("CREATE TABLE kept (word text)")
    connection.execute("INSERT INTO kept VALUES ('acknowledged')")
print(server.pid, flush=True)
time.sleep(600)
"""


@contextmanager
def another_process_runs(server: EmbeddedPostgres) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process that started the server of this folder, and the server's process id."""
    words = [sys.executable, "-c", _STARTER, str(server.directory), str(server.programs)]
    starter = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    try:
        yield starter, pid
    finally:
        starter.kill()
        starter.wait()
        starter.stdout.close()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        while alive(pid):
            time.sleep(0.02)


def words_in(server: EmbeddedPostgres) -> list[str]:
    with psycopg.connect(server.superuser_url()) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM kept").fetchall()]


def remember(server: EmbeddedPostgres, word: str) -> None:
    with psycopg.connect(server.superuser_url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_second_start_keeps_the_data(new_server: EmbeddedPostgres) -> None:
    assert new_server.is_new
    with new_server:
        remember(new_server, "first")
    with new_server:
        assert words_in(new_server) == ["first"]
    assert not new_server.is_new


def test_a_stopped_server_leaves_no_process_and_no_socket(server: EmbeddedPostgres) -> None:
    with server:
        pid = server.pid
        assert pid is not None
    assert not alive(pid)
    assert not list(server.directory.glob(".s.PGSQL*"))


def test_the_database_is_kept_with_checksums_in_utf8_and_one_locale(
    server: EmbeddedPostgres,
) -> None:
    with server, psycopg.connect(server.superuser_url()) as connection:
        row = connection.execute(
            "SELECT current_setting('data_checksums'), current_setting('server_encoding'),"
            " datctype, lower('ÅÄÖ') FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert row == ("on", "UTF8", "C.UTF-8", "åäö")


def test_a_durable_server_syncs(folder: Path, programs: Path) -> None:
    durable = EmbeddedPostgres(folder / "postgres", bin_dir=programs)
    with durable, psycopg.connect(durable.superuser_url()) as connection:
        row = connection.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone()
    assert row == ("on", "on")


def test_nobody_gets_in_without_the_password(server: EmbeddedPostgres) -> None:
    with server:
        right = server.superuser_url()
        password = server.passwords("postgres")["postgres"]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(right.replace(password, "guess"))


def test_only_its_user_may_look_into_the_folder(new_server: EmbeddedPostgres) -> None:
    with new_server:
        modes = {
            path.name: path.stat().st_mode & 0o777
            for path in (new_server.directory, *new_server.directory.iterdir())
        }
    assert modes["passwords.json"] == 0o600
    assert all(mode & 0o077 == 0 for mode in modes.values()), modes


def test_nothing_listens_on_the_network(server: EmbeddedPostgres) -> None:
    with server:
        assert server.pid is not None
        kinds = {each.family for each in psutil.Process(server.pid).net_connections(kind="all")}
    assert kinds <= {socket.AF_UNIX}


def test_ctrl_c_reaches_us_before_it_reaches_postgresql(server: EmbeddedPostgres) -> None:
    with server:
        assert server.pid is not None
        assert os.getpgid(server.pid) == server.pid != os.getpgrp()


def test_its_log_does_not_hold_what_people_wrote(server: EmbeddedPostgres) -> None:
    with server, psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE people (email text UNIQUE)")
        connection.execute("INSERT INTO people VALUES ('customer@crm.example')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES ('customer@crm.example')")
    log = server.folder.log.read_text()
    assert "duplicate key" in log
    assert "crm.example" not in log


def test_a_second_server_on_one_folder_is_refused_and_told_who_has_it(
    server: EmbeddedPostgres,
) -> None:
    with another_process_runs(server) as (starter, _):
        with pytest.raises(EmbeddedPostgresBusy) as refusal:
            server.start()
        assert f"({starter.pid})" in str(refusal.value)
        assert "SKRANKE_DATA_DIR" in str(refusal.value)


def test_a_command_can_use_the_server_another_process_runs(server: EmbeddedPostgres) -> None:
    with another_process_runs(server) as (_, pid):
        server.attach()
        assert words_in(server) == ["acknowledged"]
        server.stop()
        assert alive(pid)


def test_a_server_whose_starter_was_killed_is_replaced_and_no_commit_is_lost(
    server: EmbeddedPostgres,
) -> None:
    with another_process_runs(server) as (starter, orphan):
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        assert alive(orphan)
        with server:
            assert server.pid != orphan
            assert words_in(server) == ["acknowledged"]
            assert not alive(orphan)


def test_a_server_that_was_killed_itself_recovers_at_the_next_start(
    server: EmbeddedPostgres,
) -> None:
    with another_process_runs(server) as (starter, pid):
        os.kill(pid, signal.SIGKILL)
        starter.kill()
        starter.wait()
        with server:
            assert words_in(server) == ["acknowledged"]


def test_a_watched_server_comes_back_when_it_dies(folder: Path, programs: Path) -> None:
    with EmbeddedPostgres(folder / "postgres", bin_dir=programs) as server:
        server.keep_running()
        remember(server, "before")
        killed = server.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert _eventually_answers(server) == ["before"]
        assert server.pid != killed


def _eventually_answers(server: EmbeddedPostgres) -> list[str]:
    for _ in range(100):
        try:
            return words_in(server)
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("the server did not come back")


def test_a_process_that_only_has_the_old_number_is_left_alone(server: EmbeddedPostgres) -> None:
    with server:
        remember(server, "kept")
    owner = server.directory.stat().st_uid if os.geteuid() == 0 else None
    bystander = subprocess.Popen(["/bin/sleep", "600"], user=owner)
    try:
        stale = f"{bystander.pid}\n{server.folder.data}\n1700000000\n5432\n/tmp\n\n 1 1\nready\n"
        (server.folder.data / "postmaster.pid").write_text(stale)
        with server:
            assert words_in(server) == ["kept"]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_first_start_that_was_killed_is_begun_again(new_server: EmbeddedPostgres) -> None:
    half_made = new_server.directory / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")
    with new_server:
        remember(new_server, "whole")
    assert not half_made.exists()


def test_a_path_too_long_for_a_socket_works_all_the_same(folder: Path, programs: Path) -> None:
    far = folder / ("long-" * 18) / "with space" / "postgres"
    with EmbeddedPostgres(far, bin_dir=programs, fsync=False) as server:
        remember(server, "reached")
        assert words_in(server) == ["reached"]
        sockets = Path(server.superuser_url().rpartition("host=")[2])
        assert sockets.parent == Path("/tmp")  # noqa: S108
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()


def test_data_of_another_major_version_names_the_command_that_upgrades(
    server: EmbeddedPostgres,
) -> None:
    with server:
        pass
    (server.folder.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 14.*skranke database upgrade"):
        server.start()


def test_a_start_that_failed_can_be_tried_again(server: EmbeddedPostgres) -> None:
    with server:
        pass
    version = (server.folder.data / "PG_VERSION").read_text()
    (server.folder.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError):
        server.start()
    (server.folder.data / "PG_VERSION").write_text(version)
    with server:
        remember(server, "again")


def test_a_broken_setting_is_told_in_postgresqls_own_words(folder: Path, programs: Path) -> None:
    server = EmbeddedPostgres(
        folder / "postgres", bin_dir=programs, fsync=False, settings={"max_connections": "many"}
    )
    with pytest.raises(EmbeddedPostgresError, match=r"while starting: .*max_connections"):
        server.start()


def test_a_file_where_the_folder_should_be_is_one_line(folder: Path, programs: Path) -> None:
    (folder / "var").write_text("")
    with pytest.raises(EmbeddedPostgresError, match="not a directory") as refusal:
        EmbeddedPostgres(folder / "var" / "postgres", bin_dir=programs).start()
    assert "\n" not in str(refusal.value)


@as_root
def test_as_root_a_closed_folder_on_the_way_is_named_and_stays_closed(
    folder: Path, programs: Path
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedPostgresError) as refusal:
        EmbeddedPostgres(closed / "var" / "postgres", bin_dir=programs).start()
    line = str(refusal.value)
    assert f"may not enter {closed} on the way" in line
    assert "SKRANKE_DATA_DIR" in line
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_as_root_a_strict_umask_does_not_close_the_folder(folder: Path, programs: Path) -> None:
    before = os.umask(0o077)
    try:
        with EmbeddedPostgres(folder / "var" / "postgres", bin_dir=programs, fsync=False) as server:
            remember(server, "reached")
    finally:
        os.umask(before)


@as_root
def test_as_root_a_folder_that_has_an_owner_is_served_as_its_owner(
    folder: Path, programs: Path
) -> None:
    place = folder / "postgres"
    place.mkdir(mode=0o700)
    os.chown(place, 65534, 65534)
    with EmbeddedPostgres(place, bin_dir=programs, fsync=False) as server:
        assert server.pid is not None
        assert psutil.Process(server.pid).uids().effective == 65534


def test_a_full_disk_is_one_line_whoever_noticed_it() -> None:
    place = Path("/srv/skranke/var")
    seen_by_us = from_os(OSError(errno.ENOSPC, "No space left on device"), place)
    seen_by_postgres = from_output(
        "starting",
        'FATAL:  could not write lock file "postmaster.pid": No space left on device',
        place,
    )
    assert str(seen_by_us) == str(seen_by_postgres)
    assert "is full" in str(seen_by_us)
