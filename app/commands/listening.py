"""Accepts new connections from the kernel's queue, many in each iteration of the event loop.

The event loop itself (libuv) accepts one for each iteration. Under load there are only some dozen
iterations a second, and a client would wait for seconds before any of our code has run.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

#: Of one listener each time round: whoever is let in already has a turn in between. With four times
#: as many, a crowd kept the others waiting for nearly twice as long.
_AT_ONCE = 16
_SECONDS_WITHOUT_ROOM = 0.5


class Listener:
    """A bound socket that accepts connections, each with a protocol of its own."""

    def __init__(self, bound: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """`protocol` makes the protocol of one connection."""
        self._socket = bound
        self._protocol = protocol
        self._entering: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    def listen(self, backlog: int) -> None:
        """Start to accept; the kernel queues at most `backlog` connections."""
        self._socket.listen(backlog)
        self._socket.settimeout(0)
        self._look()

    async def close(self) -> None:
        """Close the port, after accepting what is queued: closing would reset those connections."""
        if self._socket.fileno() < 0:
            return
        self._loop.remove_reader(self._socket)
        while self._let_in():
            pass
        self._socket.close()
        await asyncio.gather(*self._entering)

    def _look(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket, self._let_in)

    def _let_in(self) -> int:
        """Accept what is queued, up to `_AT_ONCE`; returns how many."""
        for number in range(_AT_ONCE):
            try:
                caller, _ = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return number
            except OSError:  # no free file descriptor: retrying at once would block the loop
                self._loop.remove_reader(self._socket)
                self._loop.call_later(_SECONDS_WITHOUT_ROOM, self._look)
                return number
            entering = self._loop.create_task(self._enter(caller))
            self._entering.add(entering)
            entering.add_done_callback(self._entering.discard)
        return _AT_ONCE

    async def _enter(self, caller: socket.socket) -> None:
        caller.settimeout(0)
        with suppress(OSError):  # the client has gone
            await self._loop.connect_accepted_socket(self._protocol, caller)
