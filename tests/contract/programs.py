"""Programs of other languages that the contract's tests run, and what to do where they are missing.

The linters and the TypeScript compiler are npm packages, locked in `package-lock.json` beside this
file and installed on first use. Without Node.js these tests are skipped, loudly; where `CI` is set
a missing program is a failure.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
_STAMP = MODULES / ".installed-from"
_LOCK = HERE / "package-lock.json"


def missing(what: str, remedy: str) -> NoReturn:
    """Skip for want of a program, so that nobody overlooks it; fail where CI promised it."""
    word = f"NOT TESTED: {what} is missing. {remedy}"
    if os.environ.get("CI"):
        pytest.fail(word)
    pytest.skip(word)


def npm_program(name: str) -> Path:
    """The path of a program from `package-lock.json`, installed on first use."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("Node.js 20 with npm", "On Debian: apt-get install nodejs npm.")
    _install()
    return MODULES / ".bin" / name


def _install() -> None:
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    with (HERE / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _STAMP.exists() and _STAMP.read_text() == wanted:
            return
        # CI runs several test processes; the first installs, the others find it done.
        ended = run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE)
        assert ended.returncode == 0, f"npm ci failed:\n{ended.stdout}"
        _STAMP.write_text(wanted)


def run(
    command: list[str | Path], cwd: Path, *, seconds: float = 110
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; both its outputs come back as one text."""
    quiet = {"REDOCLY_TELEMETRY": "off", "NO_COLOR": "1", "NO_UPDATE_NOTIFIER": "1"}
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | quiet,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
