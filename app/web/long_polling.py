"""Long polling: a request waits for something to happen, and holds nothing meanwhile.

Each look is a unit of work of its own: no connection to the database is held between two looks, and
the caller is authenticated each time, so that a session that ends meanwhile is noticed."""

import asyncio
import time

from fastapi import Request
from starlette.responses import Response

from app.web.route import Handler, UnitOfWorkRoute

_BETWEEN = 1.0
#: More than so many in a process do not wait: they are answered at once, and ask again.
_MOST = 200


class LongPollingRoute(UnitOfWorkRoute):
    """A route that looks again until there is something, or its time is over."""

    def get_route_handler(self) -> Handler:
        look = super().get_route_handler()
        waiting = 0

        async def handle(request: Request) -> Response:
            nonlocal waiting
            begun = time.monotonic()
            answer = await look(request)
            if waiting >= _MOST:
                return answer
            waiting += 1
            try:
                while _goes_on(request, begun) and not await request.is_disconnected():
                    await asyncio.sleep(_BETWEEN)
                    answer = await look(request)
            finally:
                waiting -= 1
            return answer

        return handle


def nothing_yet(request: Request, *, wait: int) -> None:
    """Say that there was nothing, and for how many seconds since it arrived the request may
    wait."""
    request.state.nothing_for = wait


def _goes_on(request: Request, begun: float) -> bool:
    allowed = request.scope["state"].pop("nothing_for", 0)
    left = begun + allowed - time.monotonic()
    return bool(left > _BETWEEN and not request.app.state.stopping)
