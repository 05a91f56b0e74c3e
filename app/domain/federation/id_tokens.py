"""Validating ID tokens (OpenID Connect Core 3.1.3.7, RFC 8725). Pure: a token, keys, what is
expected, the time.

For Microsoft Entra ID its documentation asks for more: a key names the issuer it signs for,
`{tenantid}` in it is the token's `tid`, and a person is `tid` and `oid`. `email` is never looked
at: it changes, and in some directories anybody can change it.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwk, jws
from joserfc.errors import JoseError

#: The directory in which Microsoft keeps personal accounts.
PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"
LEEWAY = timedelta(seconds=60)
#: Entra dates a token five minutes back.
OLDEST = timedelta(hours=1)
MOST_CHARACTERS = 20_000
#: Public keys only: with HS256 a provider's public key would be the secret.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
_LEAST_RSA_BITS = 2048
#: Header fields by which a token would bring its own key, or rules of its own.
_BRINGS_ITS_KEY = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: The directory, in an issuer that is several directories'.
TEMPLATE = "{tenantid}"
_ACCOUNT = ("preferred_username", "upn", "email")


class TokenRefused(Exception):
    """The token is not believed. `reason` is a code for the log and the audit, for nobody else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUnknown(TokenRefused):
    """It is signed with a key we have not seen: perhaps a new one."""

    def __init__(self) -> None:
        super().__init__("key-unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a provider's tokens are held to.

    `issuer` is to the letter, or with `{tenantid}`; `directories` (Entra) are those let in."""

    client_id: str
    issuer: str
    also_issuer: str | None = None
    directories: frozenset[str] | None = None
    personal_accounts: bool = False
    algorithms: frozenset[str] = ALGORITHMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Who somebody is at a provider. `account` is for showing alone."""

    issuer: str
    subject: str
    session: str | None = None
    account: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


def validate_id_token(
    token: str, keys: Iterable[Mapping[str, Any]], expected: Expected, *, nonce: str, now: datetime
) -> Proven:
    """Who the ID token `token` says somebody is. Raises `TokenRefused`, `KeyUnknown`."""
    claims, key = verify_signature(token, keys, expected.algorithms)
    issuer, subject = issuer_and_subject(claims, key, expected)
    _check_audience(claims, expected.client_id)
    check_times(claims, now)
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise TokenRefused("nonce")
    account = next((claims[name] for name in _ACCOUNT if isinstance(claims.get(name), str)), None)
    return Proven(
        issuer=issuer,
        subject=subject,
        session=text_or_none(claims, "sid"),
        account=account and _printable(account),
        claims=claims,
    )


def verify_signature(
    token: str, keys: Iterable[Mapping[str, Any]], algorithms: frozenset[str]
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The claims of a token and the key that signed it. Raises `TokenRefused`, `KeyUnknown`."""
    if len(token) > MOST_CHARACTERS:
        raise TokenRefused("too-long")
    if not token.isascii() or token.count(".") != 2:
        raise TokenRefused("malformed")
    header = decoded(token.partition(".")[0])
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise TokenRefused("algorithm")
    if _BRINGS_ITS_KEY & header.keys():
        raise TokenRefused("brings-its-key")
    trouble: TokenRefused = KeyUnknown()
    # A key id may stand twice: Entra lists a key once for each issuer it signs for.
    for key in _of_id(header.get("kid"), keys):
        try:
            found = jws.deserialize_compact(
                token, _usable(key, algorithm), algorithms=[algorithm], registry=_registry()
            )
        except (JoseError, ValueError, TypeError) as error:
            trouble = TokenRefused("signature")
            trouble.__cause__ = error
            continue
        return _object(found.payload), key
    raise trouble


def issuer_and_subject(
    claims: Mapping[str, Any], key: Mapping[str, Any], expected: Expected
) -> tuple[str, str]:
    """Issuer and subject of a token, which is one of those expected. Raises `TokenRefused`."""
    issuer = _text(claims, "iss")
    if expected.directories is None:
        if issuer not in {expected.issuer, expected.also_issuer}:
            raise TokenRefused("issuer")
        subject = _text(claims, "sub")
        if len(subject) > 255 or not subject.isascii():
            raise TokenRefused("subject")
        return expected.issuer, subject
    return issuer, _entra(claims, key, expected, issuer, expected.directories)


def _entra(
    claims: Mapping[str, Any],
    key: Mapping[str, Any],
    expected: Expected,
    issuer: str,
    directories: frozenset[str],
) -> str:
    """The object id of a person of Entra, of a directory that is let in."""
    directory, person = guid(claims, "tid"), guid(claims, "oid")
    _ = _text(claims, "sub")
    if claims.get("ver") != "2.0":
        raise TokenRefused("version")
    # What the key signs for, and what we expect: with the token's directory both are its issuer.
    for template in (key.get("issuer", expected.issuer), expected.issuer):
        if not isinstance(template, str) or template.replace(TEMPLATE, directory) != issuer:
            raise TokenRefused("issuer")
    if directory == PERSONAL_ACCOUNTS:
        if not expected.personal_accounts:
            raise TokenRefused("personal-account")
    elif directory not in directories:
        raise TokenRefused("directory")
    return person


def check_times(
    claims: Mapping[str, Any],
    now: datetime,
    *,
    needs_expiry: bool = True,
    oldest: timedelta = OLDEST,
) -> None:
    """Raise `TokenRefused` unless the token is good at `now`."""
    moment = now.timestamp()
    leeway = LEEWAY.total_seconds()
    expires, issued = _number(claims, "exp"), _number(claims, "iat")
    begins = _number(claims, "nbf")
    if expires is None and needs_expiry:
        raise TokenRefused("exp-missing")
    if expires is not None and expires + leeway <= moment:
        raise TokenRefused("expired")
    if issued is None:
        raise TokenRefused("iat-missing")
    if issued - leeway > moment:
        raise TokenRefused("issued-later")
    if issued + oldest.total_seconds() < moment:
        raise TokenRefused("issued-long-ago")
    if begins is not None and begins - leeway > moment:
        raise TokenRefused("not-yet")


def text_or_none(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim that may be missing; `None` too where it is no text of a usable length."""
    value = claims.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None


def usable_keys(keys: Iterable[Mapping[str, Any]], algorithms: frozenset[str]) -> int:
    """How many of a provider's keys can have signed a token we take."""
    found = 0
    for key in keys:
        if key.get("use", "sig") != "sig" or key.get("kty") not in _ALGORITHM_OF:
            continue
        algorithm = key.get("alg") or _ALGORITHM_OF[key["kty"]]
        try:
            _ = _usable(key, algorithm)
        except (JoseError, TokenRefused, ValueError, TypeError):
            continue
        found += algorithm in algorithms
    return found


_ALGORITHM_OF = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Ours alone: a token that others may use too could be one they were given."""
    audience = claims.get("aud")
    if audience not in (client_id, [client_id]):
        raise TokenRefused("audience")
    if claims.get("azp", client_id) != client_id:
        raise TokenRefused("authorized-party")


def _of_id(kid: Any, keys: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    usable = [key for key in keys if key.get("use", "sig") == "sig" and key.get("kty") != "oct"]
    if kid is None:
        # Allowed where there is but one (OpenID Connect Core, 10.1).
        return usable if len(usable) == 1 else []
    return [key for key in usable if key.get("kid") == kid]


def _usable(key: Mapping[str, Any], algorithm: str) -> jwk.Key:
    if key.get("alg", algorithm) != algorithm:
        raise ValueError("the key is for another algorithm")
    kept = {name: value for name, value in key.items() if name in _OF_A_PUBLIC_KEY}
    if kept.get("kty") == "RSA" and _bits(kept.get("n")) < _LEAST_RSA_BITS:
        raise ValueError("the key is too short")
    return jwk.import_key(kept)


#: What is taken of a key. `x5c`, `key_ops` and a provider's own fields are not ours to judge.
_OF_A_PUBLIC_KEY = frozenset({"kty", "n", "e", "crv", "x", "y", "kid"})


def _bits(number: Any) -> int:
    return len(_bytes(number)) * 8 if isinstance(number, str) else 0


def _registry() -> jws.JWSRegistry:
    registry = jws.JWSRegistry(algorithms=sorted(ALGORITHMS), strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = MOST_CHARACTERS
    return registry


def decoded(part: str) -> dict[str, Any]:
    """The object that a part of a token spells. Raises `TokenRefused`."""
    return _object(_bytes(part))


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error) as error:
        raise TokenRefused("malformed") from error


def _object(data: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(data or b"", object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise TokenRefused("malformed") from error
    if not isinstance(found, dict):
        raise TokenRefused("malformed")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise TokenRefused(f"{name}-missing")
    return value


def guid(claims: Mapping[str, Any], name: str) -> str:
    """The claim `name`, an id as Entra has them. Raises `TokenRefused`."""
    value = _text(claims, name).lower()
    if not _GUID.fullmatch(value):
        raise TokenRefused(f"{name}-malformed")
    return value


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise TokenRefused(f"{name}-malformed")
    return float(value)


def _printable(text: str) -> str | None:
    kept = "".join(letter for letter in text if letter.isprintable())
    return kept[:200] or None
