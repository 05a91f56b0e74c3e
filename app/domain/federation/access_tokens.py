"""Validating access tokens of a directory (Microsoft Entra ID, version 2.0). Pure.

The rules of `id_tokens` hold here too: the signature, the issuer of a directory that is let in,
`oid`. Besides, the token is for our API alone (`aud`), given to a program that may call (`azp`),
for a person (`idtyp`; a program of its own has no `scp`), with the scope and the role asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.federation.id_tokens import (
    MOST_CHARACTERS,
    Expected,
    TokenRefused,
    check_times,
    decoded,
    issuer_and_subject,
    verify_signature,
)
from app.domain.tenants.definition.identity import AccessTokens

_DOTS = 2
#: Where sign-ins are evaluated all the while, Entra's tokens live up to 28 hours.
_OLDEST = timedelta(hours=29)


class ScopeMissing(TokenRefused):
    """It is good, but not for this: a scope or a role is missing."""

    def __init__(self) -> None:
        super().__init__("scope")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom an access token names."""

    issuer: str
    subject: str


def looks_like_one(token: str) -> bool:
    """Whether a bearer token is a signed object (RFC 7515, 3.1), which no token of ours is."""
    return token.startswith("eyJ") and token.count(".") == _DOTS


def audience_of(token: str) -> str:
    """For which API a token says that it is; nothing of it is believed yet. Raises
    `TokenRefused`."""
    if len(token) > MOST_CHARACTERS or not token.isascii():
        raise TokenRefused("malformed")
    audience = decoded(token.split(".")[1]).get("aud")
    if not isinstance(audience, str):
        raise TokenRefused("audience")
    return audience


def validate_access_token(
    token: str,
    keys: Iterable[Mapping[str, Any]],
    expected: Expected,
    access: AccessTokens,
    *,
    now: datetime,
) -> Bearer:
    """Whom an access token names. Raises `TokenRefused`, `KeyUnknown`, `ScopeMissing`."""
    claims, key = verify_signature(token, keys, expected.algorithms)
    issuer, subject = issuer_and_subject(claims, key, expected)
    if claims.get("aud") != access.audience:
        raise TokenRefused("audience")
    if claims.get("azp") not in access.clients:
        raise TokenRefused("authorized-party")
    if claims.get("idtyp", "user") != "user":
        raise TokenRefused("not-a-person")
    check_times(claims, now, oldest=_OLDEST)
    scopes = claims.get("scp")
    if not isinstance(scopes, str) or access.scope not in scopes.split(" "):
        raise ScopeMissing
    roles = claims.get("roles", [])
    if access.role is not None and (not isinstance(roles, list) or access.role not in roles):
        raise ScopeMissing
    return Bearer(issuer, subject)
