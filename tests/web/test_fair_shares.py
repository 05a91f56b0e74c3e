"""A tenant that asks for more than there is waits behind itself, not before others."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from httpx2 import ASGITransport, AsyncClient

from app.main import create_app
from app.web.fair_shares import FairShares
from app.web.problems import Overloaded
from tests.desk import Desk
from tests.factories.hand_clock import HandClock

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


@pytest.fixture
def shares(time: HandClock) -> FairShares:
    return FairShares(places=_PLACES, share=_SHARE, clock=time)


@asynccontextmanager
async def several(shares: FairShares, tenant: str, count: int) -> AsyncIterator[list[Request]]:
    """So many requests of a tenant, ended at the end of the block."""
    made = [Request(shares, tenant) for _ in range(count)]
    await asyncio.sleep(0)
    yield made
    for each in made:
        await each.end()


def refuse_one_more(shares: FairShares, tenant: str) -> None:
    """One comes when no more may wait."""
    shares._longest, longest = 4, shares._longest
    assert not shares.admits(tenant)
    shares._longest = longest


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
    async with several(shares, "loud", 18) as loud, several(shares, "quiet", 1) as quiet:
        assert (begun(loud), begun(quiet)) == (_PLACES, 0)
        await loud[0].end()
        assert begun(quiet) == 1
        await loud[1].end()
        assert begun(loud) == _PLACES  # it goes down to its share before it goes on
        await loud[2].end()
        assert begun(loud) == _PLACES + 1


async def test_once_the_others_have_gone_everything_is_free_again(
    shares: FairShares, time: HandClock
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


async def test_beside_others_fewer_may_wait(shares: FairShares, time: HandClock) -> None:
    async with several(shares, "quiet", 1), several(shares, "loud", _SHARE + _PLACES * 5):
        assert not shares.admits("loud")
        time.now += 2
        assert shares.admits("loud")


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


async def test_a_tenant_of_which_more_come_than_may_wait_gives_way_though_not_for_ever(
    shares: FairShares, time: HandClock
) -> None:
    async with several(shares, "quiet", 1), several(shares, "loud", 18) as loud:
        refuse_one_more(shares, "loud")
        await loud[0].end()
        await loud[1].end()
        assert begun(loud) == _SHARE
        time.now += 0.3
        # Nobody ends, as one who fetches a large file: it is looked at by the clock.
        await asyncio.sleep(0.5)
        assert begun(loud) == _SHARE + 1  # one after the other
        time.now += 1
        await loud[2].end()
        assert begun(loud) == _PLACES + 2  # it is not loud any more, and alone


async def test_whoever_waits_because_another_is_loud_is_not_taken_for_loud(
    shares: FairShares,
) -> None:
    async with several(shares, "loud", 60) as loud, several(shares, "quiet", 18) as quiet:
        refuse_one_more(shares, "loud")
        for each in loud[:_PLACES]:
            await each.end()
        assert (begun(loud), begun(quiet)) == (_PLACES, _SHARE)
        await quiet[0].end()
        assert (begun(loud), begun(quiet)) == (_PLACES, _SHARE + 1)


async def test_two_who_are_loud_do_not_give_way_to_each_other(shares: FairShares) -> None:
    async with several(shares, "loud", 18) as loud, several(shares, "louder", 18) as louder:
        for tenant in ("loud", "louder"):
            refuse_one_more(shares, tenant)
        for each in loud[:_PLACES]:
            await each.end()
        assert (begun(loud), begun(louder)) == (_PLACES + 1, 1)


async def test_a_flood_is_sent_away_at_the_door_and_nobody_reads_what_it_brings(
    desk: Desk, member: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = (await member.get("/v1/me")).json()
    shares = desk.app.state.shares
    monkeypatch.setattr(shares, "_longest", 0)
    monkeypatch.setattr(shares, "_waiting", {"somebody": deque()})
    asked = {"Accept-Language": "nb", "X-Request-Id": "mine"}
    refused = await member.post("/v1/tickets", content=b"{not json", headers=asked)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["x-request-id"] == refused.json()["instance"] == "mine"
    assert refused.headers["content-language"] == "nb"
    assert refused.headers["cache-control"] == "no-store"
    assert refused.json()["title"] == "Tjenesten har mer å gjøre enn den klarer"
    counted = 'skranke_http_requests_total{method="POST",route="refused",status="503"}'
    assert counted in (await member.get("/metrics")).text
    monkeypatch.undo()
    assert (await member.get("/v1/me")).json() == me


async def test_a_page_of_another_origin_may_read_that_it_was_sent_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = "https://portal.acme.example"
    app = create_app(desk.settings.model_copy(update={"allowed_origins": [allowed]}))
    async with app.router.lifespan_context(app):
        monkeypatch.setattr(app.state.shares, "_longest", 0)
        monkeypatch.setattr(app.state.shares, "_places", 0)
        monkeypatch.setattr(app.state.shares, "_waiting", {"somebody": deque()})
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
            refused = await client.get("/v1/portals/extend", headers={"Origin": allowed})
    assert refused.status_code == 503
    assert refused.headers["access-control-allow-origin"] == allowed
