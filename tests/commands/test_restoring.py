"""What is backed up comes back, whole or not at all; an older PostgreSQL's data is carried over."""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.commands import archives
from app.commands.database import backup, prepare, restore, upgrade
from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import embedded_folder, embedded_server, prepare_roles
from app.database.embedded import EmbeddedPostgres, programs_for
from app.database.roles import APP, DATABASE, OWNER, SIGN_IN_ROLES, check_role
from app.database.roles import prepare as prepare_server
from app.kernel.settings import Settings
from tests.commands.conftest import Installation, folder_for_every_user

_CONTENT = """
CREATE TABLE alembic_version (version_num text);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE kept (word text);
REVOKE DELETE ON kept FROM skranke_app;
INSERT INTO kept VALUES ('before');
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
ALTER TABLE kept FORCE ROW LEVEL SECURITY;
CREATE POLICY everything ON kept TO skranke_app USING (true);
CREATE TABLE events (word text, xact bigint);
INSERT INTO events VALUES ('first', 90071992547), ('second', 90071992548);
"""


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory with a table, an attachment and a key, to be copied."""
    with folder_for_every_user() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SKRANKE_DATA_DIR", str(folder / "var"))
        settings = Settings()
        with embedded_server(settings) as server, owner_of(server) as owner:
            owner.execute(_CONTENT)
        attachment = settings.data_dir / "attachments" / "tenant" / "one"
        attachment.parent.mkdir(parents=True, mode=0o700)
        attachment.write_bytes(b"as it was")
        (settings.data_dir / "secret.key").write_text("of this installation")
        yield settings.data_dir


@pytest.fixture
def settings(made: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with a table, an attachment and a key; not running."""
    # As it is: the server's files are its user's.
    subprocess.run(["cp", "--archive", made, folder / "var"], check=True)  # noqa: S607
    monkeypatch.setenv("SKRANKE_DATA_DIR", str(folder / "var"))
    return Settings()


@contextmanager
def owner_of(server: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server.url(OWNER, DATABASE)) as connection:
        yield connection


def words(settings: Settings) -> list[str]:
    """What the app role reads; also shows that it is held by the wall and may not delete."""
    with (
        embedded_server(settings) as server,
        psycopg.connect(server.url(APP, DATABASE)) as connection,
    ):
        check_role(connection)
        found = [word for (word,) in connection.execute("SELECT word FROM kept").fetchall()]
        assert connection.execute("SHOW statement_timeout").fetchone() == ("15s",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM kept")
        return found


def change_everything(settings: Settings) -> None:
    with embedded_server(settings) as server, owner_of(server) as owner:
        owner.execute("DROP TABLE kept")
    (settings.data_dir / "attachments" / "tenant" / "one").write_bytes(b"spoilt")
    (settings.data_dir / "attachments" / "tenant" / "two").write_bytes(b"new")


def test_a_backup_brings_back_the_database_and_the_files(settings: Settings, folder: Path) -> None:
    file = folder / "backup.tar"
    backup(file)
    change_everything(settings)
    restore(file, replace=True)
    assert words(settings) == ["before"]
    attachments = settings.data_dir / "attachments"
    assert (attachments / "tenant" / "one").read_bytes() == b"as it was"
    assert not (attachments / "tenant" / "two").exists()
    assert (attachments / "tenant").stat().st_mode & 0o077 == 0
    assert (settings.data_dir / "secret.key").read_text() == "of this installation"


def test_what_was_restored_comes_before_all_that_the_server_will_count(
    settings: Settings, folder: Path
) -> None:
    """A new server counts its transactions from the beginning; the feed goes by them."""
    file = folder / "backup.tar"
    backup(file)
    restore(file, replace=True)
    with embedded_server(settings) as server, owner_of(server) as owner:
        kept = owner.execute("SELECT word, xact FROM events ORDER BY xact").fetchall()
    assert kept == [("first", -2), ("second", -1)]


def test_a_backup_is_its_owners_alone_and_leaves_no_password_of_the_server(
    settings: Settings, folder: Path
) -> None:
    file = folder / "backup.tar"
    backup(file)
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as archive:
        names = archive.getnames()
    assert {"manifest.json", "database.dump", "files/secret.key"} <= set(names)
    assert not [name for name in names if "postgres" in name or "demo.json" in name]
    assert list(folder.glob(".skranke-*")) == list(folder.glob("*.unfinished")) == []


def test_what_a_restore_replaces_is_set_aside(settings: Settings, folder: Path) -> None:
    file = folder / "backup.tar"
    backup(file)
    change_everything(settings)
    restore(file, replace=True)
    (aside,) = settings.data_dir.glob("before-restore-*")
    assert (aside / "attachments" / "tenant" / "two").read_bytes() == b"new"
    with embedded_server(settings) as server, psycopg.connect(server.superuser_url()) as superuser:
        former = superuser.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'skranke_before_%'"
        ).fetchone()
    assert former == (1,)


def test_a_restore_over_data_must_be_asked_for(settings: Settings, folder: Path) -> None:
    file = folder / "backup.tar"
    backup(file)
    with pytest.raises(CommandFailed, match="--replace") as refusal:
        restore(file)
    assert refusal.value.code == Exit.ARCHIVE
    assert words(settings) == ["before"]


def test_a_backup_comes_back_in_an_empty_installation(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "backup.tar"
    backup(file)
    monkeypatch.setenv("SKRANKE_DATA_DIR", str(folder / "elsewhere"))
    restore(file)
    assert words(Settings()) == ["before"]


@pytest.mark.parametrize("spoil", ["not a tar", "cut short", "dump cut short"])
def test_a_spoilt_backup_changes_nothing(settings: Settings, folder: Path, spoil: str) -> None:
    file = folder / "backup.tar"
    backup(file)
    _spoil(file, spoil, folder)
    with pytest.raises(CommandFailed) as refusal:
        restore(file, replace=True)
    assert refusal.value.code == Exit.ARCHIVE
    assert words(settings) == ["before"]
    assert (settings.data_dir / "attachments" / "tenant" / "one").read_bytes() == b"as it was"
    assert not list(settings.data_dir.glob(".skranke-*"))


def _spoil(file: Path, how: str, folder: Path) -> None:
    if how == "not a tar":
        file.write_text("no archive")
    elif how == "cut short":
        file.write_bytes(file.read_bytes()[:2000])
    else:
        dump = folder / "short.dump"
        with tarfile.open(file) as archive:
            whole = archive.extractfile(archives.DUMP)
            assert whole is not None
            dump.write_bytes(whole.read()[:1500])
            manifest = archive.extractfile(archives.MANIFEST)
            assert manifest is not None
            (folder / archives.MANIFEST).write_bytes(manifest.read())
        with tarfile.open(file, "w") as archive:
            archive.add(folder / archives.MANIFEST, archives.MANIFEST)
            archive.add(dump, archives.DUMP)


def test_a_backup_never_overwrites_a_file(settings: Settings, folder: Path) -> None:
    (folder / "backup.tar").write_text("precious")
    with pytest.raises(CommandFailed, match="already there"):
        backup(folder / "backup.tar")
    assert (folder / "backup.tar").read_text() == "precious"


@pytest.mark.parametrize("major", [15, 16])
def test_data_of_an_older_postgresql_is_carried_over_and_the_old_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, major: int
) -> None:
    programs = programs_for(major)
    if programs is None:
        pytest.skip(f"PostgreSQL {major} is not installed")
    monkeypatch.setenv("SKRANKE_DATA_DIR", str(folder / "var"))
    settings = Settings()
    with EmbeddedPostgres(embedded_folder(settings), bin_dir=programs) as old:
        prepare_roles(old)
        with owner_of(old) as owner:
            owner.execute(_CONTENT)
    upgrade()
    assert words(settings) == ["before"]
    kept = settings.data_dir / f"postgres.{major}" / "data" / "PG_VERSION"
    assert kept.read_text().strip() == str(major)
    upgrade()
    assert words(settings) == ["before"]


def test_an_upgrade_killed_between_its_last_two_steps_is_finished(settings: Settings) -> None:
    settings.data_dir.joinpath("postgres").rename(settings.data_dir / "postgres.new")
    assert words(settings) == ["before"]


def test_a_server_of_ones_own_is_prepared_and_its_addresses_printed() -> None:
    with folder_for_every_user() as folder:
        server = EmbeddedPostgres(folder / "postgres", fsync=False)
        with server:
            installation = Installation(folder / "var")
            ended = installation.command(
                "database", "prepare", "--superuser-url", server.superuser_url()
            )
            assert ended.returncode == 0, ended.stderr
            told = dict(line.split("=", 1) for line in ended.stdout.splitlines())
            assert len(told) == 3
            owner = "SKRANKE_MIGRATION_DATABASE_URL"
            installation.settings = {owner: told[owner]}
            migrated = installation.command("database", "migrate")
            assert migrated.returncode == 0, migrated.stderr
            for settings in (told, *({name: address} for name, address in told.items())):
                installation.settings = settings
                checked = installation.command("check")
                assert checked.returncode == 0, checked.stderr


def test_roles_are_given_the_passwords_their_addresses_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedPostgres(folder / "postgres", fsync=False) as server:
        given = prepare_server(
            server.superuser_url(), passwords=dict.fromkeys(SIGN_IN_ROLES, "first")
        )
        changed = {
            "SKRANKE_DATABASE_URL": given.app.replace(":first@", ":second@"),
            "SKRANKE_WORKER_DATABASE_URL": given.worker.replace(":first@", ":second@"),
            "SKRANKE_MIGRATION_DATABASE_URL": given.owner.replace(":first@", ":second@"),
        }
        for name, value in changed.items():
            monkeypatch.setenv(name, value)
        prepare(superuser_url=server.superuser_url())
        for url in changed.values():
            psycopg.connect(url).close()
        monkeypatch.setenv("SKRANKE_WORKER_DATABASE_URL", changed["SKRANKE_DATABASE_URL"])
        with pytest.raises(CommandFailed, match="must sign in as skranke_worker"):
            prepare(superuser_url=server.superuser_url())
