"""Validating logout tokens (OpenID Connect Back-Channel Logout 1.0, 2.6). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.federation.id_tokens import (
    Expected,
    TokenRefused,
    check_moment,
    signed,
    text_or_none,
    whose,
)

_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class LogoutDemand:
    """Whose sessions end: those of a subject, or the one with a session id of the provider."""

    issuer: str
    subject: str | None
    session: str | None
    token_id: str


def demanded(
    token: str, keys: Iterable[Mapping[str, Any]], expected: Expected, *, now: datetime
) -> LogoutDemand:
    """What a logout token asks for. Raises `TokenRefused`, `KeyUnknown`."""
    claims, key = signed(token, keys, expected.algorithms)
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise TokenRefused("audience")
    check_moment(claims, now, needs_expiry=False)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise TokenRefused("events")
    if "nonce" in claims:
        # An ID token that somebody shows around.
        raise TokenRefused("nonce")
    token_id, session = text_or_none(claims, "jti"), text_or_none(claims, "sid")
    if token_id is None:
        raise TokenRefused("jti-missing")
    has_subject = "sub" in claims
    if not has_subject and session is None:
        raise TokenRefused("sub-missing")
    issuer, subject = _whose(claims, key, expected, has_subject=has_subject)
    return LogoutDemand(issuer, subject, session, token_id)


def _whose(
    claims: Mapping[str, Any], key: Mapping[str, Any], expected: Expected, *, has_subject: bool
) -> tuple[str, str | None]:
    if has_subject:
        return whose(claims, key, expected)
    issuer, _ = whose({**claims, "sub": "unnamed"}, key, expected)
    return issuer, None
