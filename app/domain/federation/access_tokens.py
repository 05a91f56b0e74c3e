"""Validating access tokens of a directory (Microsoft Entra ID, version 2.0). Pure.

The rules of `id_tokens` hold here too: the signature, the issuer of a directory that is let in,
`oid`. Besides, the token is for our API alone (`aud`), and one of two kinds (`idtyp`):

- a person's, given to a program that may call for people (`azp`), with the scope (`scp`) and the
  role asked for;
- a program's own (client credentials), which has no scope, and whose subject is the program itself
  (`sub` is `oid`, its service principal), with the role asked for. Which program that is (`azp`)
  is held against what an administrator has bound.
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
    guid,
    issuer_and_subject,
    verify_signature,
)
from app.domain.tenants.definition.identity import AccessTokens, Programs

_DOTS = 2
#: Where sign-ins are evaluated all the while, Entra's tokens live up to 28 hours.
_OLDEST = timedelta(hours=29)


class ScopeMissing(TokenRefused):
    """It is good, but not for this: a scope or a role is missing."""

    def __init__(self) -> None:
        super().__init__("scope")


class RoleMissing(TokenRefused):
    """It is a good one of a program, but the role `role` is missing."""

    def __init__(self, role: str) -> None:
        super().__init__("role")
        self.role = role


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom an access token names: somebody, or the program `client` itself."""

    issuer: str
    subject: str
    client: str | None = None


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
    """Whom an access token names. Raises `TokenRefused`, `KeyUnknown`, `ScopeMissing`,
    `RoleMissing`."""
    claims, key = verify_signature(token, keys, expected.algorithms)
    issuer, subject = issuer_and_subject(claims, key, expected)
    if claims.get("aud") != access.audience:
        raise TokenRefused("audience")
    check_times(claims, now, oldest=_OLDEST)
    match claims.get("idtyp", "user"):
        case "user":
            _check_person(claims, access)
            return Bearer(issuer, subject)
        case "app" if access.programs is not None:
            return Bearer(issuer, subject, _program(claims, access.programs))
    raise TokenRefused("not-a-person")


def _check_person(claims: Mapping[str, Any], access: AccessTokens) -> None:
    if claims.get("azp") not in access.clients:
        raise TokenRefused("authorized-party")
    scopes = claims.get("scp")
    if not isinstance(scopes, str) or access.scope not in scopes.split(" "):
        raise ScopeMissing
    if access.role is not None and not _has_role(claims, access.role):
        raise ScopeMissing


def _program(claims: Mapping[str, Any], programs: Programs) -> str:
    """Which program a token of its own names."""
    if "scp" in claims:
        raise TokenRefused("scope-of-a-person")
    if claims.get("sub") != claims.get("oid"):
        raise TokenRefused("subject-of-a-person")
    client = guid(claims, "azp")
    if programs.role is not None and not _has_role(claims, programs.role):
        raise RoleMissing(programs.role)
    return client


def _has_role(claims: Mapping[str, Any], role: str) -> bool:
    roles = claims.get("roles", [])
    return isinstance(roles, list) and role in roles
