"""The pure rules of federation: how long an attempt may take, and where it may return to."""

import hmac
import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from app.kernel import base64url

#: From the start of a sign-in to its end at the provider.
ATTEMPT = timedelta(minutes=15)
#: A logout token is not taken again while it could still be good.
LOGOUT_TOKEN_REMEMBERED = timedelta(hours=3)
#: How often it is asked whether a guest is still in the directory.
GUESTS_CHECKED_AFTER = timedelta(hours=23)

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


def may_return_to(address: str, origins: Iterable[str]) -> bool:
    """Whether people may be sent to `address`: a path of this service, or anything at one of
    `origins`. Nothing a browser could read as another place."""
    if not address or len(address) > 2000 or _UNSAFE.search(address) or not address.isascii():
        return False
    if address.startswith("/"):
        return not address.startswith("//")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return "@" not in parts.netloc and f"{parts.scheme}://{parts.netloc}" in set(origins)


def with_query(address: str, **values: str) -> str:
    """`address` with more in its query."""
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(values)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def derived(secret: str, purpose: str) -> str:
    """A value derived from the browser's secret: the PKCE verifier (RFC 7636) or the nonce."""
    digest = hmac.digest(secret.encode(), purpose.encode(), "sha256")
    return base64url.encode(digest)
