"""Where a way there and back may lead, and how long it may take."""

from datetime import timedelta

import pytest

from app.domain.federation.lifecycle import (
    ATTEMPT,
    GUESTS_CHECKED_AFTER,
    LOGOUT_TOKEN_REMEMBERED,
    derived,
    may_return_to,
    with_query,
)

ORIGINS = {"https://www.small.example", "https://small.example:8443"}


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("/", True),
        ("/in?a=b#c", True),
        ("https://www.small.example", True),
        ("https://www.small.example/in?x", True),
        ("https://small.example:8443/in", True),
        ("/" + "a" * 1999, True),
        ("/" + "a" * 2000, False),
        ("", False),
        ("in", False),
        ("//evil.example", False),
        ("/in\\evil", False),
        ("/in here", False),
        ("/in\n", False),
        ("/in\x7f", False),
        ("/inn\u00e9", False),
        ("https://small.example", False),
        ("http://www.small.example", False),
        ("https://www.small.example@evil.example", False),
        ("https://user@www.small.example", False),
        ("https://small.example:99999", False),
        ("https://[small", False),
    ],
)
def test_people_are_sent_to_own_paths_and_named_origins(address: str, may: bool) -> None:
    assert may_return_to(address, ORIGINS) is may


def test_an_origin_with_a_user_in_it_is_none_even_where_it_was_named() -> None:
    assert not may_return_to("https://user@small.example/", {"https://user@small.example"})


def test_more_is_put_into_a_query_that_may_be_there_already() -> None:
    assert with_query("https://a.example/in", error="no way") == "https://a.example/in?error=no+way"
    assert with_query("/in?a=b#c", d="e&f") == "/in?a=b&d=e%26f#c"
    assert with_query("/in") == "/in"


def test_what_follows_from_a_secret_is_told_apart_by_its_purpose() -> None:
    """HMAC-SHA-256 in base64url without padding: a verifier of RFC 7636, 4.1."""
    assert derived("secret", "pkce") == "tiCX3_suqMCXsrpbNMlRA82pj9HH1pm6UxK3Yjklqpo"
    assert derived("secret", "pkce") != derived("secret", "nonce") != derived("other", "nonce")


def test_the_way_there_and_back_takes_as_long_as_is_promised() -> None:
    assert timedelta(minutes=15) == ATTEMPT
    assert timedelta(hours=3) == LOGOUT_TOKEN_REMEMBERED
    assert timedelta(hours=23) == GUESTS_CHECKED_AFTER
