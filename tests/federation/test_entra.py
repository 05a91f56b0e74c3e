"""Microsoft Entra ID: guests, members, several directories, and every token that is not to be
believed."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.desk import Desk
from tests.factories.definitions import Document
from tests.factories.directories import DIRECTORY, OTHER, bend_with
from tests.factories.federation import PORTAL, known_as
from tests.federation.conftest import Apply
from tests.providers.browser import Browser
from tests.providers.entra import PERSONAL, Account, Claims, Entra, Spoil

FOREIGN = str(uuid4())


@pytest.fixture
async def directories(apply: Apply, microsoft: Entra) -> AsyncIterator[Entra]:
    """The portal signs people in with one directory (`microsoft`) and with two (`several`)."""

    await apply(bend_with(microsoft))
    microsoft.next_token = None
    microsoft.fails.clear()
    yield microsoft
    microsoft.next_token = None


async def known(door: Desk, held: Entra, who: Account, provider: str = "microsoft") -> str:
    """Let an account sign somebody in; answers the person's id."""
    issuer = held.issuer(who.directory)
    return (await known_as(door, who.oid, provider=provider, issuer=issuer)).id


async def said(browser: Browser, provider: str = "microsoft") -> str:
    """Where one ends up after signing in."""
    back = await browser.sign_in(PORTAL, provider, return_to="/in")
    return str(back.headers["location"])


@pytest.mark.parametrize("home", [None, FOREIGN], ids=["a member", "a guest"])
async def test_members_and_guests_of_the_directory_are_known_by_their_object_id(
    door: Desk, directories: Entra, browser: Browser, home: str | None
) -> None:
    directories.who = directories.account(DIRECTORY, "somebody@acme.example", home=home)
    person = await known(door, directories, directories.who)
    assert await said(browser) == "/in"
    assert (await browser.me()).json()["id"] == person


async def test_several_directories_each_with_its_own_issuer(
    door: Desk, directories: Entra, browser: Browser
) -> None:
    directories.who = directories.account(OTHER, "somebody@other.example")
    person = await known(door, directories, directories.who, "several")
    assert await said(browser, "several") == "/in"
    assert (await browser.me()).json()["id"] == person


async def test_a_directory_that_is_not_on_the_list_is_refused(
    door: Desk, directories: Entra, browser: Browser
) -> None:
    directories.who = directories.account(FOREIGN, "somebody@foreign.example")
    await known(door, directories, directories.who, "several")
    assert await said(browser, "several") == "/in?error=identity-not-proven"


async def test_a_foreign_directorys_token_with_a_victims_address_reaches_nothing(
    door: Desk, directories: Entra, browser: Browser
) -> None:
    """nOAuth: the mail attribute of a foreign directory says what its administrator likes."""
    victim = directories.account(DIRECTORY, "victim@acme.example")
    await known(door, directories, victim)
    directories.who = directories.account(OTHER, "victim@acme.example")
    assert await said(browser, "several") == "/in?error=invitation-needed"
    assert (await browser.me()).status_code == 401


async def test_groups_say_nothing_whether_there_or_too_many_for_the_token(
    door: Desk, directories: Entra, browser: Browser
) -> None:
    """Rights follow from nothing in another system (S3-7): a missing claim opens nothing either."""
    directories.who = directories.account(DIRECTORY, "busy@acme.example")
    await known(door, directories, directories.who)

    def overage(_: Entra, claims: Claims) -> Claims:
        sources = {
            "src1": {"endpoint": "https://graph.microsoft.com/v1.0/users/x/getMemberObjects"}
        }
        return {**claims, "_claim_names": {"groups": "src1"}, "_claim_sources": sources}

    directories.next_token = overage
    assert await said(browser) == "/in"
    assert "people:write" not in (await browser.me()).json()["permissions"]


async def test_personal_accounts_are_refused_unless_allowed(
    door: Desk, directories: Entra, browser: Browser, apply: Apply
) -> None:
    directories.who = directories.account(PERSONAL, "somebody@outlook.example")
    await known(door, directories, directories.who, "several")

    def personal(held: Entra, claims: Claims) -> str:
        held.key, kept = held.foreign_key, held.key
        try:
            return held.signed(claims, kid="personal")
        finally:
            held.key = kept

    directories.next_token = personal
    assert await said(browser, "several") == "/in?error=identity-not-proven"

    def allow(written: Document) -> None:
        common = {"client_id": directories.client_id, "client_secret": "certified"}
        several = {"key": "several", "kind": "entra_multi", "directories": [OTHER]}
        written["sign_in"]["providers"].append(
            {**several, **common, "authority": directories.base, "personal_accounts": True}
        )

    await apply(allow)
    assert await said(browser, "several") == "/in"


def claim(**changed: Any) -> Spoil:
    """A token with other claims; `None` leaves one out."""

    def spoil(_: Entra, claims: Claims) -> Claims:
        claims = {**claims, **changed}
        return {name: value for name, value in claims.items() if value is not None}

    return spoil


def later(name: str, seconds: int) -> Spoil:
    return lambda _, claims: {**claims, name: int(time.time()) + seconds}


def unsigned(_: Entra, claims: Claims) -> str:
    return f"{_part({'alg': 'none', 'kid': 'first'})}.{_part(claims)}."


def signed_with_the_public_key(held: Entra, claims: Claims) -> str:
    """Algorithm confusion: the public key as the secret of an HMAC."""
    start = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(claims)}"
    secret = held.key.as_pem(private=False)
    digest = hmac.digest(secret, start.encode(), hashlib.sha256)
    return f"{start}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def brings_its_key(held: Entra, claims: Claims) -> str:
    return held.signed(claims, jwk=held.key.as_dict(private=False))


def names_its_keys(held: Entra, claims: Claims) -> str:
    return held.signed(claims, jku=f"{held.base}/{DIRECTORY}/discovery/v2.0/keys")


def signed_by_another(held: Entra, claims: Claims) -> str:
    """The right key id, another key."""
    kept, held.key = held.key, held.foreign_key
    try:
        return held.signed(claims)
    finally:
        held.key = kept


def insists(held: Entra, claims: Claims) -> str:
    """A header field that must be understood (RFC 7515, 4.1.11)."""
    _, body, _ = held.signed(claims).split(".")
    start = f"{_part({'alg': 'RS256', 'kid': 'first', 'crit': ['new'], 'new': 1})}.{body}"
    private = held.key.private_key
    assert private
    signature = private.sign(start.encode(), PKCS1v15(), SHA256())
    return f"{start}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def of_version_1(_: Entra, claims: Claims) -> Claims:
    return {**claims, "ver": "1.0", "iss": f"https://sts.windows.net/{claims['tid']}/"}


def _part(said: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


REFUSED: dict[str, Spoil] = {
    "of another issuer": claim(iss="https://issuer.example/v2.0"),
    "whose tid and iss do not fit": claim(tid=OTHER),
    "of an issuer that fits a foreign tid": lambda held, claims: {
        **claims,
        "tid": FOREIGN,
        "iss": held.issuer(FOREIGN),
    },
    "for another audience": claim(aud="another"),
    "for another audience with ours as authorized party": lambda held, claims: {
        **claims,
        "aud": "another",
        "azp": held.client_id,
    },
    "for us and another": lambda held, claims: {**claims, "aud": [held.client_id, "another"]},
    "of another authorized party": claim(azp="another"),
    "with another nonce": claim(nonce="another"),
    "without a nonce": claim(nonce=None),
    "that has expired": later("exp", -61),
    "that is not yet good": later("nbf", 90),
    "issued later": later("iat", 90),
    "issued long ago": later("iat", -7200),
    "without an end": claim(exp=None),
    "whose end is a text": claim(exp="never"),
    "without a time of issue": claim(iat=None),
    "without a subject": claim(sub=None),
    "without a directory": claim(tid=None),
    "without an object id": claim(oid=None),
    "whose object id is none": claim(oid="' OR 1=1"),
    "nobody signed": unsigned,
    "signed with the public key as a secret": signed_with_the_public_key,
    "with a key of its own": brings_its_key,
    "with an address of keys": names_its_keys,
    "with an unknown key": lambda held, claims: held.signed(claims, kid="unknown"),
    "signed by another key": signed_by_another,
    "that is too large": claim(filling="x" * 30_000),
    "of version 1.0": of_version_1,
    "of version 1.0 by its word alone": claim(ver="1.0"),
    "that is none": lambda *_: "not.a.token",
    "that is no text of three parts": lambda *_: "not a token",
    "with an extension it insists on": insists,
}


@pytest.mark.parametrize("spoil", REFUSED.values(), ids=REFUSED.keys())
async def test_a_token_is_not_believed(
    door: Desk, directories: Entra, browser: Browser, spoil: Spoil
) -> None:
    if not any(who.address == "usual@acme.example" for who in directories.accounts.values()):
        usual = directories.account(DIRECTORY, "usual@acme.example")
        await known(door, directories, usual)
    directories.who = next(
        who for who in directories.accounts.values() if who.address == "usual@acme.example"
    )
    directories.next_token = spoil
    assert await said(browser) == "/in?error=identity-not-proven"
    assert (await browser.me()).status_code == 401
    directories.next_token = None
    assert await said(browser) == "/in"


async def test_a_clock_a_minute_off_does_no_harm(
    door: Desk, directories: Entra, browser: Browser
) -> None:
    directories.who = directories.account(DIRECTORY, "slow@acme.example")
    await known(door, directories, directories.who)
    directories.next_token = later("exp", -30)
    assert await said(browser) == "/in"


async def test_a_directory_for_customers(
    door: Desk, directories: Entra, browser: Browser, apply: Apply
) -> None:
    """Entra External ID: its own authority, its own issuer."""

    def bend(written: Document) -> None:
        written["sign_in"]["providers"].append(
            {
                "key": "customers",
                "kind": "entra_external_id",
                "directory": OTHER,
                "authority": directories.base,
                "issuer": directories.issuer(OTHER),
                "client_id": directories.client_id,
                "client_secret": "certified",
            }
        )

    await apply(bend)
    directories.who = directories.account(OTHER, "customer@acme.example")
    await known(door, directories, directories.who, "customers")
    assert await said(browser, "customers") == "/in"
    directories.who = directories.account(DIRECTORY, "elsewhere@acme.example")
    assert await said(browser, "customers") == "/in?error=identity-not-proven"
