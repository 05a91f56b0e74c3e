"""One command: from an empty folder to a served portal, and all that may come between."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.commands.conftest import Installation, folder_for_every_user, stop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A data directory that was served once; its server is stopped."""
    with folder_for_every_user() as folder:
        installation = Installation(folder / "var")
        with installation.running("run", "--no-history") as process:
            code, said = stop(process)
        assert code == 0, said
        yield installation


def demo_of(installation: Installation) -> dict[str, Any]:
    """What stands in `demo.json`."""
    written: dict[str, Any] = json.loads((installation.data_dir / "demo.json").read_text())
    return written


def servers_on(installation: Installation) -> list[psutil.Process]:
    """The PostgreSQL servers that run on this data directory."""
    data = str(installation.data_dir / "postgres" / "data")
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if data in (process.info["cmdline"] or ())
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def test_it_writes_who_may_sign_in_and_where(installation: Installation) -> None:
    file = installation.data_dir / "demo.json"
    written = demo_of(installation)
    assert written["base"].startswith("http://127.0.0.1:")
    assert "crm-service" in written["portals"]
    people = written["portals"]["crm-service"]["people"]
    assert {person["side"] for person in people} == {"customer", "agent"}
    for person in people:
        assert person.keys() == {"name", "email", "password", "side", "role", "organization"}
    assert file.stat().st_mode & 0o077 == 0


def test_a_second_start_repeats_nothing_says_where_all_is_and_leaves_nothing_running(
    installation: Installation,
) -> None:
    with installation.running("run", "--no-history") as process:
        stop(process)
    before = demo_of(installation)
    with installation.running("run", "--no-history") as process:
        assert psutil.Process(process.pid).children(recursive=True)
        code, said = stop(process, signal.SIGTERM)
    assert code == 0, said
    assert "Traceback" not in said
    assert not servers_on(installation)
    assert "as the last start left them" in said
    assert f"{installation.base}/docs" in said
    assert "demo.json" in said
    assert demo_of(installation) == before


def test_killed_it_starts_again_with_everything_it_had(installation: Installation) -> None:
    with installation.running("run", "--no-history") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert servers_on(installation)
    moved = Installation(installation.data_dir)
    with moved.running("run", "--no-history") as process:
        assert len(servers_on(installation)) == 1
        code, said = stop(process)
    assert code == 0
    assert "Starting the database" in said
    # Another port: it is written where people look.
    assert demo_of(installation)["base"] == moved.base


def test_where_everything_runs_a_second_one_is_refused_and_commands_join_in(
    installation: Installation,
) -> None:
    with installation.running("run", "--no-history") as process:
        same_port = installation.command("run")
        assert same_port.returncode == 3
        assert one_line(same_port).endswith("choose another SKRANKE_PORT.")

        same_folder = Installation(installation.data_dir).command("run")
        assert same_folder.returncode == 5
        assert f"({process.pid}) already runs the database" in one_line(same_folder)

        assert installation.command("check").returncode == 0
        assert process.poll() is None
        stop(process)


def test_api_and_worker_run_apart_on_the_same_database(installation: Installation) -> None:
    with installation.running("serve") as api:
        worker = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "work"],
            env=os.environ | {"SKRANKE_DATA_DIR": str(installation.data_dir)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert worker.stderr is not None
        assert worker.stderr.readline() == "The worker waits for jobs.\n"
        assert stop(worker, signal.SIGTERM)[0] == 0
        assert stop(api)[0] == 0


def test_a_demo_portal_gets_its_past_once_by_command(installation: Installation) -> None:
    words = ("portal", "apply", "app/portals/tvox.yaml", "--demo", "--history")
    first = installation.command(*words)
    assert first.returncode == 0, first.stderr
    assert "Writing the history of tvox" in first.stderr
    again = installation.command(*words)
    assert again.returncode == 9
    assert "No history was written: tickets have been opened there." in again.stderr


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    """What the command said on standard error, which must be one line."""
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr.strip()
