"""OpenID providers: their discovery documents and keys, and exchanging a code for an ID token.

What a provider publishes is cached in the process: refreshed each hour, kept while the provider
does not answer, dropped after a day. Tokens are verified in `domain/federation/id_tokens.py`.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from pydantic import SecretStr

from app.gateways.failures import GatewayFailure
from app.gateways.outgoing import Answer, Outgoing, OutgoingFailed, OutgoingRefused
from app.kernel import clock
from app.kernel.logging import logger

log = logger("openid")

REFRESHED_AFTER = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)
#: Between two questions that an unknown key, or a provider that is away, may cause.
ASKED_AGAIN_AFTER = timedelta(minutes=5)
_SPARED_FOR = timedelta(seconds=5)
_MOST_KEPT = 1000
_MOST_KEYS = 200

Key = Mapping[str, Any]


class ProviderUnavailable(GatewayFailure):
    """The provider does not answer, or not as the protocol requires. `reason` is a code."""


class ProviderRefused(GatewayFailure):
    """The provider refuses the authorization code. `reason` is its error code (RFC 6749, 5.2)."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """A provider's discovery document (OpenID Connect Discovery, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    names_itself: bool
    """Whether its answers carry `iss` (RFC 9207)."""
    takes_basic: bool


@dataclass
class _Kept:
    """A cached answer of an address, and when it was last requested."""

    value: Any = None
    heard_at: datetime | None = None
    asked_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class OpenIdProviders:
    """Every provider this process knows, by address."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._kept: dict[tuple[str, str], _Kept] = {}

    async def metadata(self, url: str) -> Metadata:
        """The discovery document at `url`. Raises `ProviderUnavailable`."""
        found: Metadata = await self._hold("metadata", url, self._read_metadata)
        return found

    async def keys(self, url: str) -> Sequence[Key]:
        """The keys (RFC 7517) at `url`. Raises `ProviderUnavailable`."""
        found: Sequence[Key] = await self._hold("keys", url, self._read_keys)
        return found

    async def keys_anew(self, url: str) -> Sequence[Key]:
        """The keys, fetched again because a token names an unknown key; at most every five minutes,
        so that invented key ids cannot cause a flood of requests."""
        kept = self._kept.get(("keys", url))
        if kept and kept.asked_at and clock.now() - kept.asked_at >= ASKED_AGAIN_AFTER:
            asked = kept.asked_at
            async with kept.lock:
                if kept.asked_at == asked:
                    await self._refresh(kept, url, self._read_keys)
        return await self.keys(url)

    async def redeem(
        self,
        metadata: Metadata,
        *,
        code: str,
        verifier: str,
        redirect_uri: str,
        client_id: str,
        client_secret: SecretStr | None,
    ) -> str:
        """The ID token for an authorization code. Raises `ProviderRefused`,
        `ProviderUnavailable`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        if client_secret and metadata.takes_basic:
            headers["Authorization"] = _basic(client_id, client_secret)
        else:
            form["client_id"] = client_id
            if client_secret:
                form["client_secret"] = client_secret.get_secret_value()
        answer = await self._ask("POST", metadata.token_endpoint, headers=headers, form=form)
        said = _object(answer)
        if answer.status != 200:
            if answer.status >= 500 or answer.status == 429:
                raise ProviderUnavailable(f"status-{answer.status}")
            raise ProviderRefused(_code(said.get("error")))
        token = said.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused("no-id-token")
        return token

    async def _hold(self, kind: str, url: str, read: Callable[[str], Awaitable[Any]]) -> Any:
        kept = self._kept.get((kind, url))
        if kept is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            kept = self._kept[kind, url] = _Kept()
        if not _is_fresh(kept):
            async with kept.lock:
                if _has_just_failed(kept):
                    raise ProviderUnavailable("not-heard-from")
                if not _is_fresh(kept):
                    await self._refresh(kept, url, read)
        if kept.value is None:
            raise ProviderUnavailable("not-heard-from")
        return kept.value

    @staticmethod
    async def _refresh(kept: _Kept, url: str, read: Callable[[str], Awaitable[Any]]) -> None:
        now = clock.now()
        if kept.heard_at is None or now - kept.heard_at >= FORGOTTEN_AFTER:
            kept.value = None
        kept.asked_at = now
        try:
            kept.value = await read(url)
            kept.heard_at = clock.now()
        except ProviderUnavailable as error:
            if kept.value is None:
                raise
            log.warning("provider_kept", reason=error.reason)

    async def _read_metadata(self, url: str) -> Metadata:
        said = _object(await self._get(url))
        try:
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                self._outgoing.check(_text(said[name]))
            if said.get("end_session_endpoint"):
                self._outgoing.check(_text(said["end_session_endpoint"]))
            methods = said.get("token_endpoint_auth_methods_supported")
            return Metadata(
                issuer=_text(said["issuer"]),
                authorization_endpoint=_text(said["authorization_endpoint"]),
                token_endpoint=_text(said["token_endpoint"]),
                jwks_uri=_text(said["jwks_uri"]),
                end_session_endpoint=said.get("end_session_endpoint") or None,
                names_itself=said.get("authorization_response_iss_parameter_supported") is True,
                takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
            )
        except KeyError as error:
            raise ProviderUnavailable("metadata-incomplete") from error
        except OutgoingRefused as error:
            raise ProviderUnavailable(error.reason) from error

    async def _read_keys(self, url: str) -> Sequence[Key]:
        keys = _object(await self._get(url)).get("keys")
        if not isinstance(keys, list) or not keys or len(keys) > _MOST_KEYS:
            raise ProviderUnavailable("no-keys")
        return tuple(key for key in keys if isinstance(key, dict))

    async def _get(self, url: str) -> Answer:
        answer = await self._ask("GET", url, headers={"Accept": "application/json"})
        if answer.status != 200:
            raise ProviderUnavailable(f"status-{answer.status}")
        return answer

    async def _ask(self, method: str, url: str, **more: Any) -> Answer:
        try:
            return await self._outgoing.ask(method, url, **more)
        except (OutgoingFailed, OutgoingRefused) as error:
            raise ProviderUnavailable(error.reason) from error


def _is_fresh(kept: _Kept) -> bool:
    """Whether there is no need, or it is too early, to ask again."""
    now = clock.now()
    if kept.value is None or kept.heard_at is None or kept.asked_at is None:
        return False
    if now - kept.heard_at < REFRESHED_AFTER:
        return True
    waits = kept.asked_at > kept.heard_at and now - kept.asked_at < ASKED_AGAIN_AFTER
    return waits and now - kept.heard_at < FORGOTTEN_AFTER


def _has_just_failed(kept: _Kept) -> bool:
    """Whether nothing is known and somebody has just waited for it in vain."""
    return (
        kept.value is None
        and kept.asked_at is not None
        and clock.now() - kept.asked_at < _SPARED_FOR
    )


def _object(answer: Answer) -> dict[str, Any]:
    try:
        return answer.json_object()
    except OutgoingFailed as error:
        raise ProviderUnavailable(error.reason) from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 2000:
        raise ProviderUnavailable("metadata-malformed")
    return value


def _code(value: Any) -> str:
    """An error code as one may log it."""
    return value if isinstance(value, str) and value.isascii() and len(value) < 60 else "refused"


def _basic(client_id: str, secret: SecretStr) -> str:
    """Client id and secret in the header (RFC 6749, 2.3.1: each form-encoded before)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret.get_secret_value())}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
