"""How fast one caller may ask."""

import re
from itertools import count

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.web.rate_limit import RateLimit
from tests.factories.hand_clock import HandClock

#: A path that needs no caller.
HALL = "/v1/portals/crm-service"


@pytest.fixture
def limited(time: HandClock) -> RateLimit:
    """Six requests a minute, before a door that `Bearer good…`, `__Host-skranke=good…` and nobody
    at all may enter, and a hall that is everybody's."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        told = headers.get("authorization", "") + headers.get("cookie", "")
        good = "good" in told
        if good and scope["path"] != HALL:
            scope.setdefault("state", {})["actor"] = object()
        status = 200 if good or not told or scope["path"] == HALL else 401
        await PlainTextResponse("", status)(scope, receive, send)

    return RateLimit(door, per_minute=6, clock=time)


async def asked(
    limited: RateLimit, token: str | None = None, path: str = "/v1/me", **more: str
) -> Response:
    transport = ASGITransport(app=limited, client=(more.get("address", "192.0.2.1"), 1))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {name: more[name] for name in ("Authorization", "Cookie") if name in more}
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get(path, headers=headers | {"Accept-Language": "nb"})


async def test_every_answer_says_what_is_left(limited: RateLimit) -> None:
    left = []
    for _ in range(6):
        answer = await asked(limited)
        assert answer.headers["ratelimit-policy"] == '"requests";q=6;w=60'
        told = re.fullmatch(r'"requests";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
        assert told
        left.append((int(told[1]), int(told[2])))
    assert left == [(5, 10), (4, 20), (3, 30), (2, 40), (1, 50), (0, 60)]


async def test_beyond_the_bound_one_waits_as_long_as_is_said(
    limited: RateLimit, time: HandClock
) -> None:
    for _ in range(6):
        assert (await asked(limited)).status_code == 200
    refused = await asked(limited)
    assert refused.status_code == 429
    told = refused.json()
    assert (told["code"], told["title"]) == ("too-many-requests", "For mange forespørsler")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["ratelimit"] == '"requests";r=0;t=60'
    wait = int(refused.headers["retry-after"])
    time.now += wait - 1
    assert (await asked(limited)).status_code == 429
    time.now += 1
    assert (await asked(limited)).status_code == 200
    assert (await asked(limited)).status_code == 429


async def test_a_refusal_costs_nothing(limited: RateLimit, time: HandClock) -> None:
    for _ in range(20):
        await asked(limited)
    time.now += 60
    for _ in range(6):
        assert (await asked(limited)).status_code == 200


async def test_one_caller_takes_nothing_from_another(limited: RateLimit) -> None:
    for _ in range(9):
        await asked(limited, "good one")
    assert (await asked(limited, "good one")).status_code == 429
    assert (await asked(limited, "good two")).status_code == 200
    assert (await asked(limited, address="192.0.2.2")).status_code == 200


async def test_one_network_is_an_ipv6_subnet(limited: RateLimit) -> None:
    for last in range(6):
        await asked(limited, address=f"2001:db8::{last}")
    assert (await asked(limited, address="2001:db8::99")).status_code == 429
    assert (await asked(limited, address="2001:db8:0:1::1")).status_code == 200


async def test_a_made_up_token_for_each_request_buys_no_more_of_them(limited: RateLimit) -> None:
    answers = [await asked(limited, f"bad {number}") for number in range(9)]
    assert [answer.status_code for answer in answers] == [401] * 6 + [429] * 3
    assert (await asked(limited, "bad", address="192.0.2.2")).status_code == 401


async def test_whoever_is_known_is_not_held_up_by_strangers_in_his_network(
    limited: RateLimit,
) -> None:
    assert (await asked(limited, "good one")).status_code == 200
    for number in range(9):
        await asked(limited, f"bad {number}")
    assert (await asked(limited, "good one")).status_code == 200
    assert (await asked(limited, "good two")).status_code == 429


async def test_what_everybody_may_ask_makes_nobody_known(limited: RateLimit) -> None:
    answers = [await asked(limited, f"bad {number}", path=HALL) for number in range(3)]
    answers += [await asked(limited, "bad 1", path=HALL) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 3


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Authorization", "{upper} {blanks}good one"),
        ("Cookie", "a={number}; __Host-skranke=good; b={number}"),
    ],
    ids=["token", "cookie"],
)
async def test_a_secret_spelled_in_another_way_is_the_same(
    limited: RateLimit, name: str, spelled: str
) -> None:
    ways = ("bearer", "Bearer", "BEARER", "bEARER")
    sent = [
        spelled.format(upper=ways[number % 4], blanks=" " * number, number=number)
        for number in range(9)
    ]
    answers = [await asked(limited, **{name: each}) for each in sent]
    # The first is his network's.
    assert [answer.status_code for answer in answers] == [200] * 7 + [429] * 2


async def test_only_the_api_is_bounded(limited: RateLimit) -> None:
    for _ in range(9):
        answer = await asked(limited, path="/livez")
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers


async def test_callers_of_the_past_are_forgotten(
    limited: RateLimit, time: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.rate_limit._MOST_CALLERS", 10)
    for number in count(0):
        time.now += 100
        await asked(limited, f"good {number}")
        assert len(limited._arrivals) <= 11
        if number > 30:
            break
