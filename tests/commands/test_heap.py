"""What was needed for a moment is given back: a container is as large as what is in use."""

import subprocess
import sys

import pytest

from tests.commands.conftest import ROOT

_SIGNS_IN_A_CROWD = """
import asyncio, pathlib
from app.commands.serving import run_until_stopped
from app.domain.sign_in import passwords

def own_mib():
    rollup = pathlib.Path("/proc/self/smaps_rollup").read_text()
    return next(int(l.split()[1]) for l in rollup.splitlines() if l.startswith("Anonymous")) / 1024

async def crowd():
    await asyncio.gather(*(passwords.hashed("correct horse battery staple") for _ in range(8)))

async def main():
    before = own_mib()
    await crowd()
    await crowd()
    print(own_mib() - before)

run_until_stopped(main)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells it")
def test_memory_for_passwords_is_given_back_once_nobody_signs_in() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _SIGNS_IN_A_CROWD],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    of_one_hash = 19
    assert float(ended.stdout) < of_one_hash
