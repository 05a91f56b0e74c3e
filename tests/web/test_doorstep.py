"""Of a crowd that has been read in one go one begins after the other, and nobody waits for long."""

import asyncio
from functools import partial

from app.web.doorstep import Doorstep
from tests.factories.hand_clock import HandClock


async def test_in_each_turn_of_the_loop_one_begins_in_the_order_they_came(time: HandClock) -> None:
    doorstep, begun = Doorstep(time), list[int]()
    for number in range(10):
        doorstep.come(partial(begun.append, number))
    assert begun == []
    for turn in range(1, 11):
        await asyncio.sleep(0)
        assert begun == list(range(turn))
    doorstep.come(partial(begun.append, 10))  # nobody stands there any more
    await asyncio.sleep(0)
    assert begun[-1] == 10


async def test_whoever_has_stood_for_half_a_second_begins_however_many_there_are(
    time: HandClock,
) -> None:
    doorstep, begun = Doorstep(time), list[str]()
    for _ in range(100):
        doorstep.come(partial(begun.append, "early"))
    time.now += 0.4
    for _ in range(100):
        doorstep.come(partial(begun.append, "late"))
    await asyncio.sleep(0)
    assert len(begun) == 1
    time.now += 0.2
    await asyncio.sleep(0)
    assert begun == ["early"] * 100
    await asyncio.sleep(0)
    assert begun[100:] == ["late"]
