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


def missing(what: str, remedy: str) -> NoReturn:
    """Skip for want of a program, so that nobody overlooks it; fail where CI promised it."""
    word = f"NOT TESTED: {what} is missing. {remedy}"
    if os.environ.get("CI"):
        pytest.fail(word)
    pytest.skip(word)


def npm_program(name: str) -> Path:
    """The path of a program from `package-lock.json`, installed on first use."""
    return install_packages(HERE) / ".bin" / name


def install_packages(folder: Path) -> Path:
    """The npm packages that `package-lock.json` in `folder` names, installed on first use."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("Node.js 20 with npm", "On Debian: apt-get install nodejs npm.")
    modules = folder / "node_modules"
    stamp = modules / ".installed-from"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    with (folder / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            # CI runs several test processes; the first installs, the others find it done.
            ended = run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)
            assert ended.returncode == 0, f"npm ci failed:\n{ended.stdout}"
            stamp.write_text(wanted)
    return modules


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
