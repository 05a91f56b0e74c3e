"""Guessing passwords over HTTP: it gets slow, always counts, and harms nobody else."""

import asyncio

import pytest
from httpx2 import AsyncClient, Response
from psycopg import AsyncConnection

from app.domain.sign_in.guesses import bucket_of
from app.main import create_app
from tests.desk import Desk
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    new_address,
    new_network,
    newcomer,
    try_to_sign_in,
)


@pytest.fixture
def caller(desk: Desk) -> AsyncClient:
    """Somebody in a network of his own."""
    return desk.anybody(address=new_network())


async def guesses(client: AsyncClient, email: str, times: int) -> list[int]:
    return [
        (await try_to_sign_in(client, email, f"{OTHER_PASSWORD} {time}")).status_code
        for time in range(times)
    ]


def wait_of(answer: Response) -> int:
    assert answer.status_code == 429, answer.text
    assert answer.json()["code"] == "too-many-attempts"
    return int(answer.headers["retry-after"])


async def test_a_few_slips_are_free_then_each_doubles_the_wait(
    desk: Desk, caller: AsyncClient, hands: Clock
) -> None:
    somebody = await newcomer(desk)
    assert await guesses(caller, somebody.email, 5) == [401] * 5
    waits = []
    for _ in range(3):
        waits.append(wait_of(await try_to_sign_in(caller, somebody.email)))
        hands.forward(seconds=waits[-1])
        assert await guesses(caller, somebody.email, 1) == [401]
    assert waits == [1, 2, 4]


async def test_the_right_password_must_wait_too_and_then_all_is_forgotten(
    desk: Desk, caller: AsyncClient, hands: Clock
) -> None:
    somebody = await newcomer(desk)
    await guesses(caller, somebody.email, 5)
    wait = wait_of(await try_to_sign_in(caller, somebody.email, PASSWORD))
    hands.forward(seconds=wait - 0.5)
    assert (await try_to_sign_in(caller, somebody.email, PASSWORD)).status_code == 429
    hands.forward(seconds=0.5)
    assert (await try_to_sign_in(caller, somebody.email, PASSWORD)).status_code == 201
    assert await guesses(caller, somebody.email, 5) == [401] * 5


async def test_asking_again_too_early_does_not_make_the_wait_longer(
    desk: Desk, caller: AsyncClient, hands: Clock
) -> None:
    somebody = await newcomer(desk)
    await guesses(caller, somebody.email, 7)
    first = [wait_of(await try_to_sign_in(caller, somebody.email)) for _ in range(5)]
    assert len(set(first)) == 1


async def test_guesses_of_yesterday_are_forgotten(
    desk: Desk, caller: AsyncClient, hands: Clock
) -> None:
    somebody = await newcomer(desk)
    await guesses(caller, somebody.email, 5)
    hands.forward(hours=25)
    assert await guesses(caller, somebody.email, 5) == [401] * 5


async def test_somebody_there_is_not_is_guarded_alike(
    desk: Desk, caller: AsyncClient, hands: Clock
) -> None:
    known, unknown = (await newcomer(desk)).email, new_address()
    assert await guesses(caller, known, 7) == await guesses(caller, unknown, 7)
    refused = [await try_to_sign_in(caller, email) for email in (known, unknown)]
    assert wait_of(refused[0]) == wait_of(refused[1])


async def test_guesses_made_at_the_same_time_are_all_counted(
    desk: Desk, caller: AsyncClient, hands: Clock
) -> None:
    somebody = await newcomer(desk)
    answers = await asyncio.gather(
        *(try_to_sign_in(caller, somebody.email, OTHER_PASSWORD) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_the_count_survives_a_restart(desk: Desk, caller: AsyncClient, hands: Clock) -> None:
    somebody = await newcomer(desk)
    await guesses(caller, somebody.email, 5)
    restarted = create_app(desk.settings)
    async with restarted.router.lifespan_context(restarted):
        again = Desk(restarted, desk.settings, desk.people)
        address = caller._transport.client[0]  # type: ignore[attr-defined]
        async with again.anybody(address=address) as client:
            assert (await try_to_sign_in(client, somebody.email)).status_code == 429


async def test_an_attempt_refused_for_its_many_forerunners_is_written_down(
    desk: Desk, caller: AsyncClient, hands: Clock, superuser: AsyncConnection
) -> None:
    somebody = await newcomer(desk)
    await guesses(caller, somebody.email, 6)
    rows = await superuser.execute(
        "SELECT data->>'reason', count(*) FROM events WHERE subject_id = %s"
        " AND name = 'session.refused' GROUP BY 1 ORDER BY 1",
        [somebody.id],
    )
    assert await rows.fetchall() == [("too-many-attempts", 1), ("wrong", 5)]


async def attack_from_everywhere(desk: Desk, email: str, superuser: AsyncConnection) -> None:
    """Thousands of guesses from thousands of networks, the last one just now."""
    await guesses(desk.anybody(address=new_network()), email, 1)
    await superuser.execute(
        "UPDATE guess_counters SET failures = 5000 WHERE bucket = %s",
        [bucket_of("account", email)],
    )
    await guesses(desk.anybody(address=new_network()), email, 1)


async def test_nobody_is_locked_out_by_guesses_from_elsewhere(
    desk: Desk, caller: AsyncClient, hands: Clock, superuser: AsyncConnection
) -> None:
    somebody = await newcomer(desk)
    assert (await try_to_sign_in(caller, somebody.email)).status_code == 201
    await attack_from_everywhere(desk, somebody.email, superuser)
    elsewhere = desk.anybody(address=new_network())
    assert (await try_to_sign_in(elsewhere, somebody.email)).status_code == 429
    assert (await try_to_sign_in(caller, somebody.email)).status_code == 201


async def test_an_attack_from_many_networks_holds_up_a_new_one_for_moments_only(
    desk: Desk, caller: AsyncClient, hands: Clock, superuser: AsyncConnection
) -> None:
    somebody = await newcomer(desk)
    await attack_from_everywhere(desk, somebody.email, superuser)
    wait = wait_of(await try_to_sign_in(caller, somebody.email))
    assert wait <= 30
    hands.forward(seconds=wait)
    assert (await try_to_sign_in(caller, somebody.email)).status_code == 201


async def test_guessing_at_one_account_does_not_slow_down_another(
    desk: Desk, caller: AsyncClient, hands: Clock
) -> None:
    one, other = await newcomer(desk), await newcomer(desk)
    await guesses(caller, one.email, 6)
    assert (await try_to_sign_in(caller, other.email)).status_code == 201


async def test_one_network_tries_so_many_accounts_a_minute_and_no_more(
    desk: Desk, caller: AsyncClient, hands: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = desk.settings.model_copy(update={"sign_ins_per_minute": 4})
    monkeypatch.setitem(desk.app.state._state, "settings", few)
    statuses = [(await try_to_sign_in(caller, new_address())).status_code for _ in range(5)]
    assert statuses == [401] * 4 + [429]
    wait = wait_of(await try_to_sign_in(caller, new_address()))
    hands.forward(seconds=wait)
    assert (await try_to_sign_in(caller, new_address())).status_code == 401


async def test_what_is_counted_holds_no_address(
    desk: Desk, caller: AsyncClient, superuser: AsyncConnection
) -> None:
    somebody = await newcomer(desk)
    await guesses(caller, somebody.email, 2)
    told = {"email": somebody.email}
    await caller.post("/v1/portals/crm-service/password-resets", json=told)
    rows = await superuser.execute("SELECT bucket FROM guess_counters WHERE bucket LIKE '%%@%%'")
    assert await rows.fetchall() == []
