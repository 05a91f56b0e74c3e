"""Taking turns: so many at once, the others in line, and nobody for longer than is said."""

import asyncio

import pytest

from app.web.problems import Overloaded
from app.web.turns import Turns, goes_elsewhere
from tests.desk import Desk
from tests.factories.people import new_network


async def test_so_many_at_once_and_in_the_order_they_came() -> None:
    turns = Turns(at_once=2, longest=5, most_waiting=10)
    inside, most, order = 0, 0, []

    async def come(number: int) -> None:
        nonlocal inside, most
        async with turns.one():
            order.append(number)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(come(number) for number in range(8)))
    assert (most, order) == (2, list(range(8)))


async def test_a_line_that_is_too_slow_or_too_long_sends_away() -> None:
    turns = Turns(at_once=1, longest=0.05, most_waiting=1)
    async with turns.one():
        waiting = asyncio.create_task(_come(turns))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as too_long:
            await _come(turns)
        assert too_long.value.headers["Retry-After"] == "5"
        with pytest.raises(Overloaded):
            await waiting
    await _come(turns)


async def test_whoever_leaves_the_line_and_whoever_fails_gives_his_turn_back() -> None:
    turns = Turns(at_once=1, longest=5, most_waiting=5)

    async def fail() -> None:
        async with turns.one():
            waiting = asyncio.create_task(_come(turns))
            await asyncio.sleep(0)
            waiting.cancel()
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        await fail()
    await asyncio.wait_for(_come(turns), 1)


async def _come(turns: Turns) -> None:
    async with turns.one():
        pass


async def test_who_stands_in_line_for_a_password_holds_no_connection(desk: Desk) -> None:
    """Fifteen at once leave others half of the connections at least."""
    pool = desk.app.state.database.engine.pool
    address = new_network()

    async def guess(number: int) -> int:
        async with desk.anybody(address=address) as client:
            sent = {"email": f"nobody-{number}@nowhere.example", "password": "not the one at all"}
            return (await client.post("/v1/portals/crm-service/sessions", json=sent)).status_code

    guesses = asyncio.gather(*(guess(number) for number in range(15)))
    most = 0
    while not guesses.done():
        most = max(most, pool.checkedout())
        await asyncio.sleep(0.002)
    assert await guesses == [401] * 15
    assert most <= max(1, desk.settings.database_pool_size // 2)


@pytest.mark.parametrize(
    ("body", "is_json", "elsewhere"),
    [
        (b'{"way": "microsoft"}', True, True),
        (b'{"way": "local", "password": "x"}', True, False),
        (b'{"way": 3}', True, False),
        (b'["way"]', True, False),
        (b'{"way"', True, False),
        (b"[" * 100_000, True, False),
        (b"way=microsoft&password=x", False, True),
        (b"password=x", False, False),
        (b"way=local", False, False),
        (b"\xff", False, False),
        (b"&".join([b"a=b"] * 50), False, False),
    ],
    ids=lambda value: str(value)[:24],
)
def test_who_goes_to_a_provider_stands_in_no_line(
    body: bytes, is_json: bool, elsewhere: bool
) -> None:
    assert goes_elsewhere(body, is_json=is_json) is elsewhere
