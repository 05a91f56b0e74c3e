"""The port: who stands in the kernel's line is let in at once, and waits where nothing is free."""

import asyncio
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import cast

import pytest
import uvloop

from app.commands import listening
from app.commands.listening import Listener
from app.commands.serving import take_port
from app.kernel.settings import Settings
from tests.commands.conftest import free_port


class Greeting(asyncio.Protocol):
    """Says a word to whoever comes, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        speaking = cast("asyncio.WriteTransport", transport)
        speaking.write(b"welcome")
        speaking.close()


@asynccontextmanager
async def listening_somewhere() -> AsyncIterator[Listener]:
    listener = Listener(take_port(Settings(port=free_port())), Greeting)
    listener.listen(200)
    yield listener
    await listener.close()


@contextmanager
def callers_of(listener: Listener, count: int) -> Iterator[list[socket.socket]]:
    """So many who are connected before the loop has a moment to take one."""
    callers = [socket.create_connection(listener._socket.getsockname()) for _ in range(count)]
    try:
        yield callers
    finally:
        for caller in callers:
            caller.close()


@contextmanager
def no_file_descriptor_free() -> Iterator[None]:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as next_one:
        free = next_one.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


def greeted(caller: socket.socket) -> bool:
    caller.settimeout(0)
    try:
        return caller.recv(100) == b"welcome"
    except BlockingIOError:
        return False


def test_all_who_stand_in_line_are_let_in_within_a_few_turns() -> None:
    async def stand_in_line() -> int:
        async with listening_somewhere() as listener:
            with callers_of(listener, 100) as callers:
                for _ in range(10):
                    await asyncio.sleep(0)
                return sum(greeted(caller) for caller in callers)

    assert uvloop.run(stand_in_line()) == 100  # the loop that serves


async def test_where_nothing_is_free_they_wait_and_the_loop_does_not_spin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "_SECONDS_WITHOUT_ROOM", 0.2)
    async with listening_somewhere() as listener:
        with callers_of(listener, 3) as callers:
            with no_file_descriptor_free():
                before = time.thread_time()
                await asyncio.sleep(0.5)
                spent = time.thread_time() - before
                assert not any(greeted(caller) for caller in callers)
            await asyncio.sleep(0.3)
            assert spent < 0.25
            assert all(greeted(caller) for caller in callers)


async def test_closing_lets_in_who_stands_in_line() -> None:
    async with listening_somewhere() as listener:
        with callers_of(listener, 3) as callers:
            await listener.close()
            await asyncio.sleep(0.01)
            assert all(greeted(caller) for caller in callers)
