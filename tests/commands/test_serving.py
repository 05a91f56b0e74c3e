"""Serving stops in order: open requests are answered, then the worker ends, then all is over."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
import pytest

from app.commands.failures import CommandFailed
from app.commands.serving import take_port
from app.kernel.settings import Settings
from tests.commands.conftest import ROOT, free_port

_PROGRAM = """
import asyncio, sys, time
from fastapi import FastAPI
from app.commands import serving
from app.kernel.settings import Settings

app = FastAPI()

@app.get("/slow")
async def slow(seconds: float = 0.5):
    print("asked", flush=True)
    await asyncio.sleep(seconds)
    print("answered", flush=True)
    return {}

falls = iter([True, False])

async def worker():
    if "falling" in sys.argv and next(falls):
        raise RuntimeError("a worker that falls")
    print("working", flush=True)
    try:
        await asyncio.sleep(600)
    finally:
        print("worker ended", flush=True)

with serving.stopped_by_signals():
    if "starting" in sys.argv:
        print("starting", flush=True)
        time.sleep(600)
    listener = serving.take_port(Settings(port=int(sys.argv[1])))
    serving.run_until_stopped(lambda: serving.serve(
        app, listener, worker=worker, on_ready=lambda: print("ready", flush=True)))
print("over", flush=True)
"""


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(port), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    with process:
        try:
            yield process, port
        finally:
            process.kill()


def lines_until(process: subprocess.Popen[str], last: str) -> list[str]:
    assert process.stdout is not None
    said: list[str] = []
    while last not in said:
        line = process.stdout.readline()
        assert line, said
        said.append(line.strip())
    return said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_open_request_is_answered_before_the_worker_and_all_else_end(number: int) -> None:
    with started() as (process, port):
        lines_until(process, "ready")
        answers: list[int] = []
        asking = threading.Thread(
            target=lambda: answers.append(httpx2.get(f"http://127.0.0.1:{port}/slow").status_code)
        )
        asking.start()
        lines_until(process, "asked")
        process.send_signal(number)
        said, _ = process.communicate(timeout=20)
        asking.join()
        assert answers == [200]
        assert said.split("\n")[:3] == ["answered", "worker ended", "over"]
        assert process.returncode == 0


def test_told_twice_it_does_not_wait_for_open_requests() -> None:
    with started() as (process, port):
        lines_until(process, "ready")

        def ask() -> None:
            with suppress(httpx2.TransportError):
                httpx2.get(f"http://127.0.0.1:{port}/slow?seconds=60", timeout=60)

        asking = threading.Thread(target=ask)
        asking.start()
        lines_until(process, "asked")
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
        asking.join()
        assert "answered" not in said
        assert said.endswith("over\n")


def test_a_worker_that_falls_is_set_to_work_again_and_the_api_stays() -> None:
    with started("falling") as (process, port):
        lines_until(process, "working")
        assert httpx2.get(f"http://127.0.0.1:{port}/slow").status_code == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_while_starting_it_stops_in_order_too(number: int) -> None:
    with started("starting") as (process, _):
        lines_until(process, "starting")
        process.send_signal(number)
        said, _ = process.communicate(timeout=20)
        assert said == "over\n"
        assert process.returncode == 0


def test_a_port_somebody_listens_on_is_refused() -> None:
    settings = Settings(port=free_port())
    with take_port(settings) as listener:
        listener.listen()
        with pytest.raises(CommandFailed, match="is taken"):
            take_port(settings)
    take_port(settings).close()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CommandFailed, match="no address of this machine"):
        take_port(Settings(host="nowhere.invalid"))
