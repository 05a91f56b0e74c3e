"""A tenant that asks for more than there is waits behind itself, not before others."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from httpx2 import AsyncClient

from app.web.fair_shares import FairShares
from app.web.problems import Overloaded
from tests.desk import Desk

_PLACES, _SHARE = 4, 2
Begin = Callable[[str], Awaitable["Request"]]


class Request:
    """Somebody's request, in work until it is told to end."""

    def __init__(self, shares: FairShares, tenant: str) -> None:
        self._end = asyncio.Event()
        self.begun = False
        self._task = asyncio.create_task(self._run(shares, tenant))

    async def _run(self, shares: FairShares, tenant: str) -> None:
        async with shares.one(tenant):
            self.begun = True
            await self._end.wait()

    async def end(self) -> None:
        self._end.set()
        await self._task
        await asyncio.sleep(0)

    async def hang_up(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def shares(time: Time) -> FairShares:
    return FairShares(places=_PLACES, share=_SHARE, clock=time)


@asynccontextmanager
async def several(shares: FairShares, tenant: str, count: int) -> AsyncIterator[list[Request]]:
    """So many requests of a tenant, ended at the end of the block."""
    made = [Request(shares, tenant) for _ in range(count)]
    await asyncio.sleep(0)
    yield made
    for each in made:
        await each.end()


def begun(requests: list[Request]) -> int:
    return sum(each.begun for each in requests)


async def test_whoever_is_alone_may_have_everything(shares: FairShares) -> None:
    async with several(shares, "loud", 6) as loud:
        assert begun(loud) == _PLACES


async def test_while_others_call_each_has_a_share(shares: FairShares) -> None:
    async with several(shares, "quiet", 1), several(shares, "loud", 6) as loud:
        assert begun(loud) == _SHARE
        await loud[0].end()
        assert begun(loud) == _SHARE + 1


async def test_whoever_comes_to_a_full_house_is_next_however_many_wait(shares: FairShares) -> None:
    async with several(shares, "loud", 30) as loud, several(shares, "quiet", 1) as quiet:
        assert (begun(loud), begun(quiet)) == (_PLACES, 0)
        await loud[0].end()
        assert begun(quiet) == 1
        await loud[1].end()
        assert begun(loud) == _PLACES  # it goes down to its share before it begins anew
        await loud[2].end()
        await loud[3].end()
        assert begun(loud) == _PLACES + 2


async def test_once_the_others_have_gone_everything_is_free_again(
    shares: FairShares, time: Time
) -> None:
    async with several(shares, "quiet", 1):
        pass
    time.now += 11
    async with several(shares, "loud", 6) as loud:
        assert begun(loud) == _PLACES


async def test_too_many_who_wait_are_told_to_come_back(shares: FairShares) -> None:
    async with several(shares, "loud", _PLACES + _PLACES * 20):
        with pytest.raises(Overloaded) as refused:
            async with shares.one("loud"):
                pass
        assert refused.value.headers == {"Retry-After": "1"}


async def test_whoever_hangs_up_while_he_waits_keeps_no_place(shares: FairShares) -> None:
    async with several(shares, "loud", _PLACES) as loud, several(shares, "loud", 2) as waiting:
        await waiting[0].hang_up()
        await loud[0].end()
        assert waiting[1].begun
        waiting.pop(0)
        waiting[0]._end.set()
    async with several(shares, "loud", _PLACES) as again:
        assert begun(again) == _PLACES


async def test_requests_of_one_tenant_do_not_keep_another_from_his(
    desk: Desk, member: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await desk.client("member@acme.example", "extend")
    for name, tight in (("_places", 2), ("_share", 1), ("_longest", 40)):
        monkeypatch.setattr(desk.app.state.shares, name, tight)
    await other.get("/v1/me")
    await member.get("/v1/me")
    answers = await asyncio.gather(
        *(member.get("/v1/me") for _ in range(60)), *(other.get("/v1/me") for _ in range(3))
    )
    told = [(answer.status_code, answer.headers.get("retry-after")) for answer in answers]
    assert set(told) == {(200, None), (503, "1")}
    assert told[-3:] == [(200, None)] * 3
    assert (await member.get("/v1/me")).status_code == 200
