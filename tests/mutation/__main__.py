"""Whether the tests of the law notice a small mistake: `python -m tests.mutation [module …]`.

Each mutant has a process of its own, forked from one in which everything is loaded already: there
the module is loaded anew, with the mistake in it, and so is whatever imports it. A mutant is killed
where one of its tests fails. No file is changed.
"""

import contextlib
import importlib.util
import io
import os
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import grimp
import pytest

from tests.mutation.modules import MODULES
from tests.mutation.mutants import mutants_of

ROOT = Path(__file__).parents[2]
_LONGEST = 60.0
#: Plugins of pytest that the tests of pure rules do without.
_PLUGINS = ("randomly", "xdist", "schemathesis", "asyncio", "cov", "timeout", "faulthandler")


def tested(module: str) -> int:
    """How pytest ends with the module's tests."""
    words = ["-x", "-q", "--noconftest", "--import-mode=importlib", "-p", "no:cacheprovider"]
    for plugin in _PLUGINS:
        words += ["-p", f"no:{plugin}"]
    return int(pytest.main([*words, "-c", os.devnull, f"--rootdir={ROOT}", *MODULES[module]]))


def put(module: str, source: str, importers: Collection[str]) -> None:
    """Let the module be what `source` says, for its importers and for tests too."""
    spec = importlib.util.find_spec(module)
    assert spec
    for name in list(sys.modules):
        test = name.startswith("tests.") and not name.startswith("tests.mutation")
        if test or name == module or name in importers:
            del sys.modules[name]
            package, _, leaf = name.rpartition(".")
            if package in sys.modules:
                vars(sys.modules[package]).pop(leaf, None)
    fresh = importlib.util.module_from_spec(spec)
    sys.modules[module] = fresh
    exec(compile(source, "mutant", "exec"), vars(fresh))  # noqa: S102
    package, _, leaf = module.rpartition(".")
    setattr(importlib.import_module(package), leaf, fresh)


def passes(module: str, source: str, importers: Collection[str]) -> bool:
    """Whether the module's tests pass where it reads as `source`."""
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            put(module, source, importers)
        except Exception:  # noqa: BLE001 (a module that cannot be loaded is noticed by everybody)
            os._exit(1)
        os._exit(tested(module))
    end = time.monotonic() + _LONGEST
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.005)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


def main(modules: Sequence[str]) -> None:
    """Try each mutant of each module and print who survived."""
    imports = grimp.build_graph("app")
    for module in modules:
        began = time.monotonic()
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text()
        importers = imports.find_downstream_modules(module)
        with contextlib.redirect_stdout(io.StringIO()) as told:  # and everything is loaded, for all
            fails = tested(module)
        if fails or not passes(module, source, importers):
            print(f"{module}: its tests do not pass by themselves\n{told.getvalue()}", flush=True)
            continue
        mutants = list(mutants_of(source))
        survivors = [each for each in mutants if passes(module, each.source, importers)]
        killed, took = len(mutants) - len(survivors), time.monotonic() - began
        print(f"{module}: {killed} of {len(mutants)} killed, in {took:.0f} s", flush=True)
        for each in survivors:
            print(f"  line {each.line}: {each.before}  →  {each.after}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(MODULES))
