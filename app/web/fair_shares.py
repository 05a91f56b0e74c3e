"""Fair shares: while several tenants call, none uses more of this process than its share.

A request waits before it takes a connection. A tenant that calls alone may use everything; as soon
as others call too, each has at most a share, and a free place goes to the tenant with the fewest
requests running. So a tenant that sends five times what fits waits for itself, and is told to come
back once too many of its requests wait.

A caller's tenant is known once the token was accepted; until then the network stands for it."""

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
    """The requests that run and those that wait, by tenant, in this process."""

    def __init__(
        self, *, places: int, share: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`places` is how many requests run at once, `share` how many of one tenant while others
        call."""
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
        """The block runs when it is the tenant's turn. Raises `Overloaded` when too many of the
        tenant's requests wait."""
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
        """Whether any request waits."""
        return bool(self._waiting)

    def admits(self, tenant: str) -> bool:
        """Whether one more of the tenant's requests may at least wait."""
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
        """Give free places to waiting requests, of the tenant with the fewest running first."""
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
        """A tenant that gives way is not woken only when others leave: they may stay for long."""
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
        """A loud tenant runs one request after the other, and gives way for a while: each of its
        running requests takes turns with those of others."""
        if not self._is_loud(tenant):
            return self._share
        if self._had_turn.get(tenant, math.inf) < self._clock() - _GIVES_WAY:
            return 1
        gives_way = any(other != tenant and not self._is_loud(other) for other in self._working)
        return 0 if gives_way else 1

    def _is_loud(self, tenant: str) -> bool:
        """Whether more requests come than may wait. A long queue alone does not tell: when one
        tenant is loud, the others have to wait for it too."""
        return self._refused.get(tenant, -math.inf) > self._clock() - _LOUD

    def _note(self, tenant: str) -> None:
        if tenant != self._last[0]:
            self._other = self._last
        self._last = (tenant, self._clock())

    def _is_alone(self, tenant: str) -> bool:
        _, called = self._other if self._last[0] == tenant else self._last
        return called < self._clock() - _ABOUT


class Tenants:
    """The tenant of a caller, as of when the token was last accepted."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def of(self, request: Request) -> str:
        """The caller's tenant; else the network, as for everybody who is not known there."""
        known = self.known(request.headers)
        return known or network_of(request.client.host if request.client else None)

    def known(self, headers: Headers) -> str | None:
        """The tenant of a caller whose token was accepted before."""
        return self._known.get(_secret(headers))

    def learn(self, request: Request, actor: Actor) -> None:
        """Note the tenant for which the caller's token was accepted."""
        secret = _secret(request.headers)
        if secret not in self._known:
            if len(self._known) >= _MOST_CALLERS:
                self._known.clear()
            self._known[secret] = str(actor.tenant_id)


def _secret(headers: Headers) -> bytes:
    return fingerprint(shown_in(headers))
