"""Whether the tests of the pure rules notice a small mistake: `python -m tests.mutation [module]`.

Each mutant has a process of its own, in which the module has one mistake; it is killed where one of
its tests fails. Needs no database and changes no file.
"""

import contextlib
import io
import os
import sys
import time
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from tests.mutation.mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
#: Module → the tests that belong to it and need no database.
MODULES = {
    "app.domain.tickets.lifecycle": ["tests/domain/tickets/test_lifecycle.py"],
    "app.domain.agreements.lifecycle": ["tests/domain/agreements/test_lifecycle.py"],
    "app.domain.service_levels.lifecycle": ["tests/domain/service_levels/test_lifecycle.py"],
    "app.domain.sign_in.lifecycle": ["tests/domain/sign_in/test_lifecycle.py"],
    "app.domain.attachments.policy": ["tests/domain/attachments/test_policy.py"],
    "app.domain.comments.policy": ["tests/domain/comments/test_policy.py"],
    "app.domain.forms.policy": ["tests/domain/forms/test_policy.py"],
}
_LONGEST = 30.0


def put(module: ModuleType, source: str) -> None:
    """Let the module's functions do what `source` says, also for those who have imported them."""
    fresh = dict(module.__dict__)
    exec(compile(source, "mutant", "exec"), fresh)  # noqa: S102
    for name, new in fresh.items():
        _replace(module.__dict__.get(name), new)
        if isinstance(new, dict | frozenset | tuple | int | timedelta):
            setattr(module, name, new)


def _replace(old: object, new: object) -> None:
    if isinstance(new, property):
        _replace(old.fget, new.fget)  # type: ignore[attr-defined]
    elif isinstance(new, FunctionType) and new.__code__.co_filename == "mutant":
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__  # type: ignore[attr-defined]
    elif isinstance(new, type) and new is not old:
        for name, part in vars(new).items():
            if isinstance(part, FunctionType | property):
                _replace(vars(old).get(name), part)


def tested(module: str) -> int:
    """How pytest ends with the module's tests."""
    words = ["-x", "-q", "--noconftest", "--import-mode=importlib", "-p", "no:cacheprovider"]
    for plugin in ("randomly", "xdist", "hypothesispytest", "schemathesis", "asyncio", "cov"):
        words += ["-p", f"no:{plugin}"]
    return int(pytest.main([*words, "-c", os.devnull, f"--rootdir={ROOT}", *MODULES[module]]))


def passes(module: str, source: str) -> bool:
    """Whether the module's tests pass where it reads as `source`."""
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            put(import_module(module), source)
            for name in [name for name in sys.modules if name.startswith("tests.domain.")]:
                del sys.modules[name]  # it may hold what was a constant before
        except Exception:  # noqa: BLE001 (a module that cannot be loaded is noticed by everybody)
            os._exit(1)
        os._exit(tested(module))
    end = time.monotonic() + _LONGEST
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


def main(names: list[str]) -> None:
    """Try each mutant of each module and print who survived."""
    for module in names or MODULES:
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text()
        with contextlib.redirect_stdout(io.StringIO()):  # and everything is loaded, for all
            fails = tested(module)
        if fails:
            print(f"{module}: its tests do not pass by themselves")
            continue
        mutants = list(mutants_of(source))
        survivors: list[Mutant] = [each for each in mutants if passes(module, each.source)]
        killed = len(mutants) - len(survivors)
        share = 100 * killed / len(mutants)
        print(f"{module}: {killed} of {len(mutants)} killed ({share:.0f} %)", flush=True)
        for each in survivors:
            print(f"  line {each.line}: {each.before}  →  {each.after}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
