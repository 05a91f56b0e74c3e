"""Whether the tests of the law notice a small mistake: `python -m tests.mutation [module …]`.

Each mutant has a process of its own, forked from one in which everything is loaded already: there
the module is loaded anew, with the mistake in it, and so is whatever imports it. A mutant is killed
where one of its tests fails. No file is changed.
"""

import contextlib
import importlib.util
import io
import json
import os
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path

import grimp
import pytest

from tests.cluster import Addresses, Cluster
from tests.mutation.modules import AT_POSTGRES, MODULES
from tests.mutation.mutants import mutants_of

ROOT = Path(__file__).parents[2]
#: Seconds after which tests are held to hang; with a server they begin slowly.
_LONGEST, _LONGEST_AT_POSTGRES = 60.0, 300.0
#: Plugins of pytest that no test needs here.
_NEVER = ("randomly", "xdist", "schemathesis", "cov", "timeout", "faulthandler", "cacheprovider")
_PURE = ["--noconftest", "-p", "no:asyncio"]
_AT_POSTGRES = ["-o", "asyncio_mode=auto"] + [
    word
    for what in ("fixture", "test")
    for word in ("-o", f"asyncio_default_{what}_loop_scope=session")
]


class Server:
    """Tells pytest of the server that was started for all mutants."""

    def __init__(self, addresses: Addresses) -> None:
        self._told = {"cluster": json.dumps(asdict(addresses))}

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.workerinput = self._told  # type: ignore[attr-defined]


def tested(module: str, server: Server | None) -> int:
    """How pytest ends with the module's tests."""
    words = ["-x", "-q", "-c", os.devnull, f"--rootdir={ROOT}", "--import-mode=importlib"]
    words += [*MODULES[module], *(_AT_POSTGRES if server else _PURE)]
    for plugin in _NEVER:
        words += ["-p", f"no:{plugin}"]
    return int(pytest.main(words, plugins=[server] if server else []))


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


def passes(
    module: str, source: str, importers: Collection[str], server: Server | None = None
) -> bool:
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
        os._exit(tested(module, server))
    end = time.monotonic() + (_LONGEST_AT_POSTGRES if server else _LONGEST)
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.005)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


def attempt(module: str, importers: Collection[str], server: Server | None = None) -> None:
    """Try each mutant of a module and print who survived."""
    began = time.monotonic()
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text()
    with contextlib.redirect_stdout(io.StringIO()) as told:  # and everything is loaded, for all
        fails = server is None and tested(module, server)
    if fails or not passes(module, source, importers, server):
        print(f"{module}: its tests do not pass by themselves\n{told.getvalue()}", flush=True)
        return
    mutants = list(mutants_of(source))
    survivors = [each for each in mutants if passes(module, each.source, importers, server)]
    killed, took = len(mutants) - len(survivors), time.monotonic() - began
    print(f"{module}: {killed} of {len(mutants)} killed, in {took:.0f} s", flush=True)
    for each in survivors:
        print(f"  line {each.line}: {each.before}  →  {each.after}", flush=True)


def main(modules: Sequence[str]) -> None:
    """Try the modules one after the other, those that need PostgreSQL last."""
    imports = grimp.build_graph("app")
    for module in modules:
        if module not in AT_POSTGRES:
            attempt(module, imports.find_downstream_modules(module))
    if needy := AT_POSTGRES.intersection(modules):
        cluster = Cluster()
        server = Server(cluster.start())
        try:
            for module in sorted(needy):
                attempt(module, imports.find_downstream_modules(module), server)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main(sys.argv[1:] or list(MODULES))
