"""Fair shares: while several tenants call, none has more of this process in work than its share.

A request waits before it takes a connection. Whoever is alone may have everything; as soon as
others call too, each has at most a share, and a place that becomes free goes to the tenant with
the fewest in work. So a tenant that asks for five times what there is waits behind itself, and is
told to come back once too many of it wait.

A caller's tenant is known once his token has opened a door; until then his network stands for it.
"""

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.datastructures import Headers
from starlette.requests import Request

from app.access.actor import Actor
from app.domain.sign_in.guesses import network_of
from app.kernel.secrets import fingerprint
from app.web.credentials import shown_in
from app.web.problems import Overloaded

#: How many of a tenant may wait, for each place there is, and which part of them beside others:
#: whoever waits has been read and has gone half his way, and a flood comes all at once.
_WAITING = 20
_BESIDE_OTHERS = 4
#: For how long a tenant is loud after one of its requests was refused for too many that wait.
_LOUD = 1.0
#: For how long a loud one gives way to others at most.
_GIVES_WAY = 0.25
#: For how long a tenant is about after it has called.
_ABOUT = 1.0
_MOST_CALLERS = 100_000
RETRY_SOON = {"Retry-After": "1"}


class FairShares:
    """Who is in work and who waits, by tenant, in this process."""

    def __init__(
        self, *, places: int, share: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`places` is how many requests are in work at once, `share` how many of one tenant while
        others call."""
        self._places = places
        self._share = share
        self._longest = places * _WAITING
        self._clock = clock
        self._working: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        #: When a tenant that waits has last had a turn, or begun to wait.
        self._had_turn: dict[str, float] = {}
        #: When one of its requests was last refused.
        self._refused: dict[str, float] = {}
        self._looking: asyncio.TimerHandle | None = None
        #: The tenant that called last, and the last of the others: who, and when.
        self._last, self._other = ("", -math.inf), ("", -math.inf)

    @asynccontextmanager
    async def one(self, tenant: str) -> AsyncIterator[None]:
        """The block runs when it is the tenant's turn. Raises `Overloaded` where too many of the
        tenant wait already."""
        self._note(tenant)
        if self._waiting.get(tenant) or not self._may_begin(tenant):
            await self._wait(tenant)
        else:
            self._working[tenant] += 1
        try:
            yield
        finally:
            self._leave(tenant)

    @property
    def somebody_waits(self) -> bool:
        """Whether anybody waits at all."""
        return bool(self._waiting)

    def admits(self, tenant: str) -> bool:
        """Whether one more of the tenant's requests may wait, at least."""
        longest = self._longest if self._is_alone(tenant) else self._longest // _BESIDE_OTHERS
        if len(self._waiting.get(tenant, ())) < longest:
            return True
        self._note(tenant)
        self._refused[tenant] = self._clock()
        return False

    async def _wait(self, tenant: str) -> None:
        if not self.admits(tenant):
            raise Overloaded(headers=RETRY_SOON)
        self._had_turn.setdefault(tenant, self._clock())
        queue = self._waiting.setdefault(tenant, deque())
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self._look_later()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave(tenant)
            raise

    def _leave(self, tenant: str) -> None:
        self._working[tenant] -= 1
        if not self._working[tenant]:
            del self._working[tenant]
        self._call_next()

    def _call_next(self) -> None:
        """Give free places to those who wait: of the tenants, the one with the fewest in work."""
        while ready := [tenant for tenant in self._waiting if self._may_begin(tenant)]:
            tenant = min(ready, key=self._working.__getitem__)
            queue = self._waiting[tenant]
            turn = queue.popleft()
            # Whoever has had a turn stands behind those with as few.
            del self._waiting[tenant]
            if queue:
                self._waiting[tenant] = queue
                self._had_turn[tenant] = self._clock()
            else:
                del self._had_turn[tenant]
                self._refused.pop(tenant, None)
            if not turn.cancelled():
                self._working[tenant] += 1
                turn.set_result(None)
        self._look_later()

    def _look_later(self) -> None:
        """Whoever gives way is not called by those who leave alone: they may stay for long."""
        if self._waiting and self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(_GIVES_WAY, self._look_again)

    def _look_again(self) -> None:
        self._looking = None
        self._call_next()

    def _may_begin(self, tenant: str) -> bool:
        if self._working.total() >= self._places:
            return False
        return self._working[tenant] < self._share_of(tenant) or self._is_alone(tenant)

    def _share_of(self, tenant: str) -> int:
        """A loud tenant works off one after the other, and gives way for a while: each that is in
        work is one that others' requests must take turns with."""
        if not self._is_loud(tenant):
            return self._share
        if self._had_turn.get(tenant, math.inf) < self._clock() - _GIVES_WAY:
            return 1
        gives_way = any(other != tenant and not self._is_loud(other) for other in self._working)
        return 0 if gives_way else 1

    def _is_loud(self, tenant: str) -> bool:
        """Whether more come than may wait. A long line alone tells nothing: where one is loud, the
        others have to wait for it, too."""
        return self._refused.get(tenant, -math.inf) > self._clock() - _LOUD

    def _note(self, tenant: str) -> None:
        if tenant != self._last[0]:
            self._other = self._last
        self._last = (tenant, self._clock())

    def _is_alone(self, tenant: str) -> bool:
        _, called = self._other if self._last[0] == tenant else self._last
        return called < self._clock() - _ABOUT


class Tenants:
    """Which tenant a caller was of when his token last opened a door."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def of(self, request: Request) -> str:
        """The tenant of whoever calls; else his network, as all who are not known there."""
        known = self.known(request.headers)
        return known or network_of(request.client.host if request.client else None)

    def known(self, headers: Headers) -> str | None:
        """The tenant of whoever sends these, where his token has opened a door."""
        return self._known.get(_secret(headers))

    def learn(self, request: Request, actor: Actor) -> None:
        """Note whose tenant's door the caller's token has opened."""
        secret = _secret(request.headers)
        if secret not in self._known:
            if len(self._known) >= _MOST_CALLERS:
                self._known.clear()
            self._known[secret] = str(actor.tenant_id)


def _secret(headers: Headers) -> bytes:
    return fingerprint(shown_in(headers))
