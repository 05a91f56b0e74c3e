"""Which addresses an app is sent back to (RFC 8252), and who proves to have asked (RFC 7636)."""

from datetime import timedelta

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.domain.apps.lifecycle import (
    CODE,
    REQUEST,
    asked_scopes,
    is_challenge,
    is_registered,
    may_be_origin,
    may_be_redirect,
    verifies,
    with_answer,
)

LONG = "https://a.example/"


@pytest.mark.parametrize(
    ("uri", "public", "confidential"),
    [
        ("https://app.acme.example/back", True, True),
        ("https://app.acme.example:8443/back?a=b", True, True),
        ("http://127.0.0.1/back", True, True),
        ("http://127.0.0.1:5000/back", True, True),
        ("http://[::1]:5000/back", True, True),
        ("com.example.app:/back", True, False),
        ("com.example.app://back", True, False),
        ("COM.example.app:/back", True, False),
        ("c1.example-app:/back", True, False),
        (LONG.ljust(2000, "a"), True, True),
        (LONG.ljust(2001, "a"), False, False),
        ("", False, False),
        ("https://", False, False),
        ("https:///back", False, False),
        ("http://localhost/back", False, False),
        ("http://app.acme.example/back", False, False),
        ("http://127.0.0.2/back", False, False),
        ("https://app.acme.example/back#x", False, False),
        ("https://app.acme.example/back#", False, False),
        ("https://*.acme.example/back", False, False),
        ("https://app.acme.example\\@evil.example/", False, False),
        ("https://app.acme.example/a\\b", False, False),
        ("https://user@app.acme.example/back", False, False),
        ("https://@app.acme.example/back", False, False),
        ("https://app.acme.example/b ck", False, False),
        ("https://app.acme.example/\u00e5", False, False),
        ("https://app.acme.example:x/back", False, False),
        ("https://app.acme.example:70000/back", False, False),
        ("javascript:alert(1)", False, False),
        ("app:/back", False, False),
        ("com.example.app:back", False, False),
        ("1com.example:/back", False, False),
        ("com.example+app:/back", False, False),
        ("//app.acme.example/back", False, False),
        ("/back", False, False),
    ],
)
def test_an_app_is_sent_back_to_where_nobody_else_waits(
    uri: str, public: bool, confidential: bool
) -> None:
    assert may_be_redirect(uri, confidential=False) is public
    assert may_be_redirect(uri, confidential=True) is confidential


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://app.acme.example", True),
        ("https://app.acme.example:8443", True),
        ("http://127.0.0.1:5173", True),
        ("http://[::1]", True),
        ("http://app.acme.example", False),
        ("http://localhost:5173", False),
        ("ftp://127.0.0.1", False),
        ("https://app.acme.example/", False),
        ("https://app.acme.example?a", False),
        ("HTTPS://app.acme.example", False),
        ("https://user@app.acme.example", False),
        ("https://", False),
        ("https://:443", False),
        ("null", False),
        ("https://app.acme.example:x", False),
        ("", False),
    ],
)
def test_an_origin_is_a_page_of_the_web_or_of_this_machine(origin: str, may: bool) -> None:
    assert may_be_origin(origin) is may


@pytest.mark.parametrize(
    ("sent", "known", "is_it"),
    [
        ("https://a.example/b", "https://a.example/b", True),
        ("https://a.example/b", "https://a.example/b/", False),
        ("https://a.example:444/b", "https://a.example/b", False),
        ("https://127.0.0.1:444/b", "https://127.0.0.1/b", False),
        ("http://127.0.0.1:5000/b", "http://127.0.0.1/b", True),
        ("http://127.0.0.1/b", "http://127.0.0.1:5000/b", True),
        ("http://127.0.0.1:6000/b?c", "http://127.0.0.1:5000/b?c", True),
        ("http://[::1]:5000/b", "http://[::1]/b", True),
        ("http://[::1]:5000/b", "http://127.0.0.1/b", False),
        ("http://127.0.0.1:5000/c", "http://127.0.0.1/b", False),
        ("http://127.0.0.1:5000/b", "http://127.0.0.1/b?c", False),
        ("http://127.0.0.1:05000/b", "http://127.0.0.1/b", False),
        ("http://127.0.0.1:/b", "http://127.0.0.1/b", False),
        ("http://u@127.0.0.1:5000/b", "http://127.0.0.1/b", False),
        ("http://127.0.0.1:x/b", "http://127.0.0.1/b", False),
        ("http://a.example:5000/b", "http://a.example/b", False),
        ("com.example.app:/b", "com.example.app:/b", True),
        ("com.example.app:/b", "com.example.app:/c", False),
        ("http://127.0.0.1:5000/b", "http://127.0.0.1:x/b", False),
    ],
)
def test_an_address_is_the_very_text_that_was_registered_but_for_the_port_here(
    sent: str, known: str, is_it: bool
) -> None:
    assert is_registered(sent, [known]) is is_it
    assert is_registered(sent, ["https://other.example/", known]) is is_it
    assert not is_registered(sent, [])


def test_an_answer_is_put_into_the_query_without_what_is_not_said() -> None:
    answered = with_answer("https://a.example/b?c=d", code="x y", state=None, iss="")
    assert answered == "https://a.example/b?c=d&code=x+y&iss="


#: RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_who_shows_the_verifier_is_who_sent_the_challenge() -> None:
    assert is_challenge(CHALLENGE)
    assert not any(map(is_challenge, (CHALLENGE[:-1], f"{CHALLENGE}a", f"{CHALLENGE}=", "")))
    assert not is_challenge(f"{CHALLENGE[:-1]}.")
    assert verifies(VERIFIER, CHALLENGE)
    assert not verifies(f"{VERIFIER[:-1]}j", CHALLENGE)
    assert not verifies(VERIFIER, f"{CHALLENGE[:-1]}N")


@pytest.mark.parametrize(
    ("verifier", "may_be"),
    [
        ("a" * 42, False),
        ("a" * 43, True),
        ("aB0-._~" + "a" * 121, True),
        ("a" * 129, False),
        ("a" * 42 + "+", False),
    ],
)
def test_a_verifier_is_as_long_as_the_rfc_says_and_of_its_letters(
    verifier: str, may_be: bool
) -> None:
    assert verifies(verifier, create_s256_code_challenge(verifier)) is may_be


def test_scopes_that_are_asked_for_are_among_those_registered() -> None:
    registered = ("b", "a", "c")
    assert asked_scopes(None, registered) == ["a", "b", "c"]
    assert asked_scopes("c  a a", registered) == ["a", "c"]
    assert asked_scopes("b a c", registered) == ["a", "b", "c"]
    assert asked_scopes("", registered) == []
    assert asked_scopes("a d", registered) is None
    assert asked_scopes("a\tb", registered) is None


def test_a_code_is_good_for_a_minute_and_a_request_for_ten() -> None:
    assert (timedelta(minutes=10), timedelta(seconds=60)) == (REQUEST, CODE)
