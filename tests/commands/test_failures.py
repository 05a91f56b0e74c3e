"""Each foreseeable failure is one line that says what to do, and an exit code of its own."""

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy.exc
from typer.testing import CliRunner

from app import cli
from app.commands.failures import CommandFailed, Exit, foreseen
from app.commands.prerequisites import ADDRESSES, read_settings
from app.database.embedded import EmbeddedPostgresBusy, EmbeddedPostgresError
from app.database.roles import PrepareError, RoleWalksThrough
from tests.commands.conftest import Installation


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def said_and_code(installation: Installation, *words: str) -> tuple[str, int]:
    ended = installation.command(*words)
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stdout == ""
    return ended.stderr.strip(), ended.returncode


def test_a_taken_port_is_told_before_anything_is_made(folder: Path, taken_port: int) -> None:
    installation = Installation(folder / "var", port=taken_port)
    said, code = said_and_code(installation, "run")
    assert f"127.0.0.1:{taken_port} is taken" in said
    assert code == Exit.PORT
    assert not installation.data_dir.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone borrows a system user")
def test_an_unreachable_data_directory_names_the_closed_folder(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    said, code = said_and_code(Installation(closed / "var"), "run")
    assert f"may not enter {closed}" in said
    assert code == Exit.DATA_DIRECTORY


def test_a_database_that_is_away_is_told_without_its_password(folder: Path) -> None:
    away = "postgresql://{}:not-to-be-shown@127.0.0.1:1/skranke"
    settings = {
        "SKRANKE_DATABASE_URL": away.format("skranke_app"),
        "SKRANKE_WORKER_DATABASE_URL": away.format("skranke_worker"),
        "SKRANKE_MIGRATION_DATABASE_URL": away.format("skranke_owner"),
    }
    said, code = said_and_code(Installation(folder / "var", settings=settings), "serve")
    assert "SKRANKE_DATABASE_URL" in said
    assert "Connection refused" in said
    assert "not-to-be-shown" not in said
    assert code == Exit.DATABASE_AWAY


def test_every_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKRANKE_PORT", "99999")
    monkeypatch.setenv("SKRANKE_LOG_LEVEL", "loud")
    with pytest.raises(CommandFailed, match=r"SKRANKE_PORT: .*SKRANKE_LOG_LEVEL: "):
        read_settings()


def test_a_command_asks_for_the_addresses_it_signs_in_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKRANKE_DATABASE_URL", "postgresql://skranke_app@db/skranke")
    assert not read_settings("database_url").embedded
    with pytest.raises(CommandFailed, match="MIGRATION_DATABASE_URL and SKRANKE_WORKER_DATABASE"):
        read_settings(*ADDRESSES)


def test_an_address_that_is_none_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATION_DATABASE_URL"):
        monkeypatch.setenv(f"SKRANKE_{name}", "host=db password='not-to-be-shown")
    with pytest.raises(CommandFailed, match="SKRANKE_DATABASE_URL is no address") as refusal:
        read_settings()
    assert "not-to-be-shown" not in str(refusal.value)


def test_a_mail_server_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKRANKE_SMTP_URL", "http://mail.example")
    with pytest.raises(CommandFailed, match="SKRANKE_SMTP_URL"):
        read_settings()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EmbeddedPostgresBusy("busy"), Exit.DATABASE_BUSY),
        (EmbeddedPostgresError("closed"), Exit.DATA_DIRECTORY),
        (PrepareError("away"), Exit.DATABASE_AWAY),
        (RoleWalksThrough("superuser"), Exit.ROLE),
        (OSError(errno.ENOSPC, "No space left on device", "/srv/var"), Exit.DATA_DIRECTORY),
        (OSError(errno.ENOSPC, "No space left on device"), Exit.DATA_DIRECTORY),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/var"), Exit.DATA_DIRECTORY),
        (psycopg.OperationalError("connection refused\nmore of it"), Exit.DATABASE_AWAY),
        (psycopg.errors.LockNotAvailable("canceling statement"), Exit.MIGRATION),
        (
            sqlalchemy.exc.OperationalError("SELECT 1", {}, psycopg.OperationalError("gone")),
            Exit.DATABASE_AWAY,
        ),
    ],
)
def test_what_can_be_foreseen_has_a_code_and_one_line(error: Exception, code: Exit) -> None:
    failure = foreseen(error)
    assert failure is not None
    assert failure.code == code
    assert "\n" not in str(failure)


def test_what_nobody_foresaw_is_one_line_and_a_way_to_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(cli._COMMANDS, "work", "app.commands.nowhere:work")
    with pytest.raises(SystemExit) as ended:
        cli.main(["work"])
    said = capsys.readouterr().err
    assert ended.value.code == Exit.UNEXPECTED
    assert said.count("\n") == 1
    assert "--debug" in said
    with pytest.raises(ModuleNotFoundError):
        cli.main(["--debug", "work"])


@pytest.mark.parametrize("name", list(cli._COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(cli.skranke, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert "Usage: skranke" in shown.output or "Usage: root" in shown.output
