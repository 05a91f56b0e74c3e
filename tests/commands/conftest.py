"""The operator's command as a process of its own, and a data directory to run it on."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def folder_for_every_user() -> Iterator[Path]:
    """An empty folder that every user may enter (pytest's own is closed to all but its maker)."""
    place = Path(tempfile.mkdtemp(prefix="skranke-test-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user may enter."""
    with folder_for_every_user() as place:
        yield place


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Installation:
    """`skranke` with a data directory and a port of its own."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._words(words),
            env=self._environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A command that serves, from the moment it answers; killed at the end if it still runs."""
        process = subprocess.Popen(
            self._words(words or ("run",)),
            env=self._environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self._wait_until_ready(process)
            yield process
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        for _ in range(1200):
            if process.poll() is not None:
                assert process.stdout is not None
                pytest.fail(f"ended with {process.returncode}: {process.stdout.read()}")
            try:
                if httpx2.get(f"{self.base}/readyz").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.05)
        pytest.fail("was not ready after a minute")

    def _words(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "app.cli", *words]

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("SKRANKE_")}
        return inherited | {
            "SKRANKE_DATA_DIR": str(self.data_dir),
            "SKRANKE_PORT": str(self.port),
            **self.settings,
        }


def stop(process: subprocess.Popen[str], number: int = signal.SIGINT) -> tuple[int, str]:
    """Send a signal and wait for the end: the exit code and all that was said."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=30)
    return process.returncode, said
