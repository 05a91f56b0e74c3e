"""Refresh tokens over HTTP: a lost answer signs nobody out, a thief everybody."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from psycopg import AsyncConnection

from app.kernel import clock
from tests.desk import Desk
from tests.factories.people import Clock, bearer, new_network, newcomer, try_to_sign_in


@pytest.fixture
async def family(desk: Desk) -> "Family":
    """Somebody newly signed in, and his tokens."""
    client = desk.anybody(address=new_network())
    return Family(client, await try_to_sign_in(client, (await newcomer(desk)).email))


class Family:
    """A sign-in and every answer that carried tokens of it, the first one first."""

    def __init__(self, client: AsyncClient, first: Response) -> None:
        self.client = client
        self.first = first

    async def refresh(self, answer: Response) -> Response:
        told = {"refresh_token": answer.json()["refresh_token"]}
        return await self.client.post("/v1/sessions/refresh", json=told)

    async def works(self, answer: Response) -> bool:
        """Whether the access token of an answer opens anything."""
        return (await self.client.get("/v1/me", headers=bearer(answer))).status_code == 200


def refused(answer: Response) -> bool:
    return (answer.status_code, answer.json().get("code")) == (401, "refresh-refused")


async def test_a_refresh_answers_new_tokens_of_the_same_session(family: Family) -> None:
    second = await family.refresh(family.first)
    assert second.status_code == 200
    old, new = family.first.json(), second.json()
    assert new["state"] == "signed_in"
    assert new["person"] == old["person"]
    assert new["session_expires_at"] == old["session_expires_at"]
    assert {old["access_token"], old["refresh_token"]}.isdisjoint(
        {new["access_token"], new["refresh_token"]}
    )
    assert await family.works(second)


async def test_a_lost_answer_signs_nobody_out(family: Family) -> None:
    await family.refresh(family.first)
    again = await family.refresh(family.first)
    assert again.status_code == 200
    assert await family.works(again)


async def test_a_refresh_token_used_after_its_successor_ends_the_family(
    family: Family, superuser: AsyncConnection
) -> None:
    second = await family.refresh(family.first)
    assert await family.works(second)
    assert refused(await family.refresh(family.first))
    assert not await family.works(second)
    assert refused(await family.refresh(second))
    rows = await superuser.execute(
        "SELECT data->>'reason' FROM events WHERE name = 'session.ended' AND subject_id = %s",
        [family.first.json()["person"]["id"]],
    )
    assert await rows.fetchall() == [("refresh-token-reused",)]


async def test_a_successor_that_was_only_refreshed_counts_as_used(family: Family) -> None:
    second = await family.refresh(family.first)
    third = await family.refresh(second)
    assert refused(await family.refresh(family.first))
    assert refused(await family.refresh(third))


async def test_an_old_token_ends_the_family_however_long_ago_it_was_succeeded(
    family: Family, hands: Clock, superuser: AsyncConnection
) -> None:
    second = await family.refresh(family.first)
    assert await family.works(second)
    hands.forward(days=2)
    # As the hourly sweep does with access tokens that have run out.
    await superuser.execute(
        "DELETE FROM session_tokens WHERE expires_at < %s AND session_id IN"
        " (SELECT id FROM sessions WHERE person_id = %s)",
        [clock.now(), family.first.json()["person"]["id"]],
    )
    assert refused(await family.refresh(family.first))
    assert refused(await family.refresh(second))


async def test_twenty_tabs_that_refresh_at_once_all_stay_signed_in(family: Family) -> None:
    tabs = await asyncio.gather(*(family.refresh(family.first) for _ in range(20)))
    assert [tab.status_code for tab in tabs] == [200] * 20
    assert len({tab.json()["refresh_token"] for tab in tabs}) == 20
    assert all(await asyncio.gather(*map(family.works, tabs)))
    later = await asyncio.gather(*map(family.refresh, tabs))
    assert [tab.status_code for tab in later] == [200] * 20
    assert all(await asyncio.gather(*map(family.works, later)))


async def test_a_thief_who_comes_late_signs_everybody_out(family: Family) -> None:
    tabs = await asyncio.gather(*(family.refresh(family.first) for _ in range(3)))
    assert await family.works(tabs[2])
    assert refused(await family.refresh(family.first))
    assert not any([await family.works(tab) for tab in tabs])


async def test_access_tokens_live_ten_minutes_and_refresh_tokens_go_on(
    family: Family, hands: Clock
) -> None:
    hands.forward(minutes=10)
    assert not await family.works(family.first)
    assert await family.works(await family.refresh(family.first))


async def test_a_session_left_alone_for_two_weeks_has_ended(family: Family, hands: Clock) -> None:
    hands.forward(days=13, hours=23)
    second = await family.refresh(family.first)
    assert second.status_code == 200
    hands.forward(days=14)
    assert refused(await family.refresh(second))


async def test_a_session_ends_after_ninety_days_however_much_it_is_used(
    family: Family, hands: Clock
) -> None:
    held = family.first
    for _ in range(8):
        hands.forward(days=11)
        held = await family.refresh(held)
        assert held.status_code == 200
    hands.forward(days=2)
    assert refused(await family.refresh(held))


async def test_the_sessions_of_agents_are_shorter(desk: Desk, hands: Clock) -> None:
    client = desk.anybody(address=new_network())
    somebody = await newcomer(desk, side="agent", role="agent")
    family = Family(client, await try_to_sign_in(client, somebody.email))
    hands.forward(hours=11)
    second = await family.refresh(family.first)
    assert second.status_code == 200
    hands.forward(hours=12)
    assert refused(await family.refresh(second))


async def test_a_due_password_change_stays_due_after_a_refresh(desk: Desk) -> None:
    client = desk.anybody()
    somebody = await newcomer(desk, must_change=True)
    family = Family(client, await try_to_sign_in(client, somebody.email))
    second = await family.refresh(family.first)
    assert second.json()["state"] == "password_change_required"


async def test_signing_out_ends_the_refresh_token_too(family: Family) -> None:
    answer = await family.client.delete("/v1/sessions/current", headers=bearer(family.first))
    assert answer.status_code == 204
    assert not await family.works(family.first)
    assert refused(await family.refresh(family.first))


@pytest.mark.parametrize("token", ["x", "skf_unknown", "skf_" + "a" * 190])
async def test_a_token_nobody_gave_out_is_refused_like_one_that_has_ended(
    nobody: AsyncClient, family: Family, token: str
) -> None:
    await family.client.delete("/v1/sessions/current", headers=bearer(family.first))
    ended = await family.refresh(family.first)
    unknown = await nobody.post("/v1/sessions/refresh", json={"refresh_token": token})

    def told(answer: Response) -> dict[str, Any]:
        body: dict[str, Any] = answer.json()
        return {**body, "instance": ""}

    assert told(unknown) == told(ended)
