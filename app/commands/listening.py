"""The port: whoever stands in the kernel's line of new connections is let in, many at once.

Left to itself the event loop (libuv) takes one of them each time round. Under load it goes round
some dozen times a second, and a caller waits for seconds before a line of ours has run.
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
    """A bound socket at which connections are taken, each with a protocol of its own."""

    def __init__(self, bound: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """`protocol` makes what speaks with one connection."""
        self._socket = bound
        self._protocol = protocol
        self._entering: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    def listen(self, backlog: int) -> None:
        """Begin; at most `backlog` stand in the kernel's line."""
        self._socket.listen(backlog)
        self._socket.settimeout(0)
        self._look()

    async def close(self) -> None:
        """Close the port. Whoever stands in line is let in before: closing would hang up on him."""
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
        """How many were let in."""
        for number in range(_AT_ONCE):
            try:
                caller, _ = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return number
            except OSError:  # no file descriptor is free: asked again at once, nothing else runs
                self._loop.remove_reader(self._socket)
                self._loop.call_later(_SECONDS_WITHOUT_ROOM, self._look)
                return number
            entering = self._loop.create_task(self._enter(caller))
            self._entering.add(entering)
            entering.add_done_callback(self._entering.discard)
        return _AT_ONCE

    async def _enter(self, caller: socket.socket) -> None:
        caller.settimeout(0)
        with suppress(OSError):  # he has gone
            await self._loop.connect_accepted_socket(self._protocol, caller)
