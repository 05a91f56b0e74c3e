"""Validating logout tokens (OpenID Connect Back-Channel Logout 1.0, 2.6). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.federation.id_tokens import (
    Expected,
    TokenRefused,
    check_times,
    issuer_and_subject,
    text_or_none,
    verify_signature,
)

_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class LogoutDemand:
    """Whose sessions end: those of a subject, or the one with a session id of the provider."""

    issuer: str
    subject: str | None
    session: str | None
    token_id: str


def validate_logout_token(
    token: str, keys: Iterable[Mapping[str, Any]], expected: Expected, *, now: datetime
) -> LogoutDemand:
    """What a logout token asks for. Raises `TokenRefused`, `KeyUnknown`."""
    claims, key = verify_signature(token, keys, expected.algorithms)
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise TokenRefused("audience")
    check_times(claims, now, needs_expiry=False)
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
    issuer, subject = _issuer_and_subject(claims, key, expected, has_subject=has_subject)
    return LogoutDemand(issuer, subject, session, token_id)


def _issuer_and_subject(
    claims: Mapping[str, Any], key: Mapping[str, Any], expected: Expected, *, has_subject: bool
) -> tuple[str, str | None]:
    if has_subject:
        return issuer_and_subject(claims, key, expected)
    issuer, _ = issuer_and_subject({**claims, "sub": "unnamed"}, key, expected)
    return issuer, None
