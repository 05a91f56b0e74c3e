"""Cases of a portal that promises service levels, and how they are shown."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from httpx2 import AsyncClient, Request

from app.kernel import clock
from tests.desk import Desk

SLUG = "skill"
OSLO = ZoneInfo("Europe/Oslo")
#: A Monday in weeks without public holidays; the office is open from 8 to 16.
MONDAY = datetime(2027, 2, 1, 9, tzinfo=OSLO)
HOUR = 3600
Shown = dict[str, Any]
Move = Callable[[datetime], None]
Apply = Callable[[Callable[[Shown], object]], Awaitable[None]]


async def staying(own: Desk, address: str) -> AsyncClient:
    """Somebody who signs in anew when the clock was set: tokens are good for minutes."""
    client = await own.sign_in(address, own.password_of(address, SLUG), SLUG)
    signed_in_at = clock.now()

    async def stay(request: Request) -> None:
        nonlocal signed_in_at
        if abs(clock.now() - signed_in_at) > timedelta(minutes=5):
            signed_in_at = clock.now()
            again = await own.sign_in(address, own.password_of(address, SLUG), SLUG)
            for headers in (client.headers, request.headers):
                headers["Authorization"] = again.headers["Authorization"]

    client.event_hooks = client.event_hooks | {"request": [stay]}
    return client


async def opened(client: AsyncClient, **more: Any) -> Shown:
    new = {"form": "sak", "type": "incident", "subject": "Feil i rapport", **more}
    answer = await client.post("/v1/tickets", json=new)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def level_of(client: AsyncClient, ticket: Shown) -> Shown:
    answer = await client.get(f"/v1/tickets/{ticket['id']}")
    assert answer.status_code == 200, answer.text
    found: Shown = answer.json()["service_level"]
    found["of"] = {each["metric"]: each for each in found["clocks"]}
    return found
