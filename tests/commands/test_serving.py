"""Serving stops in order: open requests are answered, then the worker ends, then all is over."""

import asyncio
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
import pytest
from fastapi import FastAPI

from app.commands.api_server import ApiServer
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
        app, listener, worker=worker, on_ready=lambda: print("ready", flush=True),
        grace=0.6 if "grace" in sys.argv else 0))
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


def test_until_its_grace_is_over_it_answers_and_asks_callers_to_leave() -> None:
    with (
        started("grace") as (process, port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        lines_until(process, "ready")
        before = client.get("/slow?seconds=0")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        answers = [client.get("/slow?seconds=0") for _ in range(2)]
        assert "connection" not in before.headers
        assert [(each.status_code, each.headers["connection"]) for each in answers] == [
            (200, "close")
        ] * 2
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_whoever_has_connected_is_heard_out() -> None:
    with started() as (process, port):
        lines_until(process, "ready")
        with socket.create_connection(("127.0.0.1", port)) as caller:
            time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            caller.sendall(_ASKS)
            assert status_told(caller) == 200
        process.communicate(timeout=20)
        assert process.returncode == 0


async def test_whoever_stands_in_the_line_of_the_port_is_let_in_before_it_closes() -> None:
    listener = take_port(Settings(port=free_port()))
    server = ApiServer(FastAPI(), grace=0, on_ready=lambda: None)
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.open_ports([listener])
    callers = [socket.create_connection(listener.getsockname()) for _ in range(3)]
    for caller in callers:
        caller.sendall(_ASKS)
    # Not a moment for the loop to take them: they stand in the kernel's line.
    await server.shutdown([listener])
    await asyncio.sleep(0.1)
    assert {status_told(caller) for caller in callers} == {404}


_ASKS = b"GET /slow?seconds=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"


def status_told(connection: socket.socket) -> int:
    """The status of what is answered over a connection, which is closed then."""
    connection.settimeout(10)
    with connection:
        return int(connection.recv(1000).split(b" ", 2)[1])


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
