"""What a provider publishes is kept: for an hour, for a day at most, and through its absence."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.gateways.openid import OpenIdProviders, ProviderUnavailable
from app.gateways.outgoing import Answer, Outgoing, OutgoingFailed
from app.kernel import clock
from tests.factories.people import Clock

URL = "https://provider.example/keys"
METADATA = {
    "issuer": "https://provider.example",
    "authorization_endpoint": "https://provider.example/auth",
    "token_endpoint": "https://provider.example/token",
    "jwks_uri": URL,
}


class Wire(Outgoing):
    """The way out with the network cut off: what is answered is said here."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.away = False
        self.said: Any = {"keys": [{"kid": "first"}]}

    async def ask(self, *_: Any, **__: Any) -> Answer:
        self.asked += 1
        if self.away:
            raise OutgoingFailed("ConnectError")
        return Answer(200, json.dumps(self.said).encode(), {})


@pytest.fixture
def hands() -> Iterator[Clock]:
    yield Clock()
    clock.set_source(None)


async def test_keys_are_asked_for_each_hour(hands: Clock) -> None:
    wire = Wire()
    providers = OpenIdProviders(wire)
    for _ in range(3):
        assert await providers.keys(URL)
    assert wire.asked == 1
    hands.forward(minutes=61)
    assert await providers.keys(URL)
    assert wire.asked == 2


async def test_an_unknown_key_lets_us_ask_once_in_five_minutes(hands: Clock) -> None:
    wire = Wire()
    providers = OpenIdProviders(wire)
    await providers.keys(URL)
    for _ in range(10):
        await providers.keys_anew(URL)
    assert wire.asked == 1
    hands.forward(minutes=5)
    wire.said = {"keys": [{"kid": "second"}]}
    for _ in range(10):
        assert list(await providers.keys_anew(URL)) == [{"kid": "second"}]
    assert wire.asked == 2


async def test_the_last_good_keys_are_kept_while_the_provider_is_away_and_no_longer_than_a_day(
    hands: Clock,
) -> None:
    wire = Wire()
    providers = OpenIdProviders(wire)
    await providers.keys(URL)
    wire.away = True
    for _ in range(23):
        hands.forward(hours=1)
        assert await providers.keys(URL)
    hands.forward(hours=2)
    with pytest.raises(ProviderUnavailable):
        await providers.keys(URL)
    wire.away = False
    hands.forward(minutes=1)
    assert await providers.keys(URL)


async def test_while_it_is_away_it_is_not_asked_all_the_time(hands: Clock) -> None:
    wire = Wire()
    providers = OpenIdProviders(wire)
    await providers.keys(URL)
    wire.away = True
    hands.forward(minutes=61)
    for _ in range(10):
        assert await providers.keys(URL)
    assert wire.asked == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": None},
        {"jwks_uri": "http://provider.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "javascript:alert(1)"},
        {"token_endpoint": 1},
    ],
)
async def test_metadata_that_leads_astray_is_not_taken(changed: dict[str, Any]) -> None:
    wire = Wire()
    wire.said = {**METADATA, **changed}
    with pytest.raises(ProviderUnavailable):
        await OpenIdProviders(wire).metadata(URL)


@pytest.mark.parametrize("said", [[], {}, {"keys": []}, {"keys": "none"}, "text", None])
async def test_keys_that_are_none_are_not_taken(said: Any) -> None:
    wire = Wire()
    wire.said = said
    with pytest.raises(ProviderUnavailable):
        await OpenIdProviders(wire).keys(URL)
