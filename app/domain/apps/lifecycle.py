"""The pure rules: redirect addresses (RFC 8252), PKCE (RFC 7636), how long things last."""

import hmac
import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

REQUEST = timedelta(minutes=10)
CODE = timedelta(seconds=60)

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
#: A scheme of one's own is a domain turned round: nobody else's app takes it by chance.
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
#: By address: a name might be resolved to elsewhere (RFC 8252, 8.3).
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_PLAIN = re.compile(r"[\x21-\x7e]+")


def may_be_redirect(uri: str, *, confidential: bool) -> bool:
    """Whether an app may be sent back to this address: a claimed https one, the loopback interface,
    or, of a public app, a private scheme. Never a fragment, a user, a wildcard."""
    parts = _split(uri)
    if parts is None or "#" in uri or "*" in uri or "\\" in uri or parts.username is not None:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return parts.hostname in _LOOPBACK
    return (
        not confidential
        and _PRIVATE_SCHEME.fullmatch(parts.scheme) is not None
        and uri.lower().startswith(f"{parts.scheme}:/")
    )


def may_be_origin(origin: str) -> bool:
    """Whether this is the origin of a web page: https, or http on this machine."""
    parts = _split(origin)
    return (
        parts is not None
        and origin == f"{parts.scheme}://{parts.netloc}"
        and bool(parts.hostname)
        and parts.username is None
        and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))
    )


def is_registered(sent: str, registered: Iterable[str]) -> bool:
    """Whether an address is one of those registered: the very same text, but for the port on the
    loopback interface, which an app is given by its system (RFC 8252, 7.3)."""
    return any(sent == known or _same_but_for_port(sent, known) for known in registered)


def _same_but_for_port(sent: str, known: str) -> bool:
    if not known.startswith("http://"):
        return False
    one, other = _split(sent), _split(known)
    if one is None or other is None or other.hostname not in _LOOPBACK:
        return False
    host = f"[{other.hostname}]" if ":" in str(other.hostname) else other.hostname
    bare, rest = f"http://{host}", known[len(f"http://{other.netloc}") :]
    port = "" if one.port is None else f":{one.port}"
    return sent == f"{bare}{port}{rest}"


def _split(uri: str) -> SplitResult | None:
    if len(uri) > 2000 or _PLAIN.fullmatch(uri) is None:
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def with_answer(redirect_uri: str, **answer: str | None) -> str:
    """The redirect URI with the parameters of an answer in its query."""
    given = [(name, value) for name, value in answer.items() if value is not None]
    answered: str = add_params_to_uri(redirect_uri, given)
    return answered


def is_challenge(challenge: str) -> bool:
    """Whether this may be what S256 makes of a verifier."""
    return _CHALLENGE.fullmatch(challenge) is not None


def verifies(verifier: str, challenge: str) -> bool:
    """Whether somebody who shows `verifier` is who sent `challenge` (S256)."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    return hmac.compare_digest(create_s256_code_challenge(verifier), challenge)


def asked_scopes(sent: str | None, registered: Iterable[str]) -> list[str] | None:
    """The scopes that are asked for, all that the app has where none is named; `None` where one is
    beyond what it is registered for."""
    known = set(registered)
    if sent is None:
        return sorted(known)
    asked = {scope for scope in sent.split(" ") if scope}
    return sorted(asked) if asked <= known else None
