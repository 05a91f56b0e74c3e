"""A system clock that jumps, for the processes of an installation alone: libfaketime."""

import os
import subprocess
import time
from pathlib import Path

from tests.contract.programs import missing

#: libfaketime looks at its file once in so many seconds.
_LOOKS_EVERY = 1


class SystemClock:
    """What processes started with `variables` take for the time of day; what they measure time
    with (the monotonic clock) goes on as ever."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set("+0")

    @property
    def variables(self) -> dict[str, str]:
        """What a process must be started with."""
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(_LOOKS_EVERY),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def set(self, ahead: str) -> None:
        """Let it be so far ahead (`+1h`, `-1d`) of the true time."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{ahead}\n")
        fresh.chmod(0o644)
        fresh.replace(self._file)

    def jump(self, ahead: str, *, stay: float) -> None:
        """Jump, wait until everybody must have seen it, and stay."""
        self.set(ahead)
        time.sleep(_LOOKS_EVERY + stay)

    def programs(self, originals: Path, folder: Path) -> Path:
        """A folder with PostgreSQL's programs, whose server goes by this clock."""
        folder.mkdir(mode=0o755)
        for each in originals.iterdir():
            (folder / each.name).symlink_to(each)
        server = folder / "postgres"
        server.unlink()
        told = " ".join(f"{name}={value}" for name, value in self.variables.items())
        server.write_text(f'#!/bin/sh\nexec env {told} {originals / "postgres"} "$@"\n')
        server.chmod(0o755)
        return folder


def _library() -> Path:
    found = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
    if not found:
        missing("libfaketime", "On Debian: apt-get install faketime.")
    told = subprocess.run(
        ["/bin/date", "+%Y"],
        env={**os.environ, "LD_PRELOAD": str(found[0]), "FAKETIME": "+400d"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(told) > time.gmtime().tm_year, "libfaketime does not move the clock here"
    return found[0]
