"""The only HTTP client: for requests to addresses that come from configuration or from users.

HTTPS only, no redirects, no proxy from the environment, limits on time and size. Against
server-side request forgery, a host name is resolved once, every one of its addresses is checked,
and the connection goes to one of those: never to this machine or its network.
"""

import asyncio
import ipaddress
import json
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2

from app.gateways.failures import GatewayFailure

_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

#: What an address is written with (RFC 3986); nothing that ends a line or a header's value.
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,8000}")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: What `is_global` lets through, or may in some version of Python, and leads inside all the same:
#: translations to IPv4 (NAT64, 6to4, Teredo, mapped, compatible), and the hosts of clouds.
_INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "100.64.0.0/10",
        "0.0.0.0/8",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fec0::/10",
        "fd00:ec2::/32",
    )
)


class OutgoingRefused(GatewayFailure):
    """No request may be sent to this address. `reason` is a code."""


class OutgoingFailed(GatewayFailure):
    """The server cannot be reached, is too slow or answers too much. `reason` is a code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer; never to be shown to a user."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json_object(self) -> dict[str, Any]:
        """The JSON object that is the body. Raises `OutgoingFailed` (`not-json`)."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise OutgoingFailed("not-json") from error
        if not isinstance(found, dict):
            raise OutgoingFailed("not-json")
        return found


def leads_outside(address: Address) -> bool:
    """Whether an address belongs to the public internet."""
    inside = any(address.version == net.version and address in net for net in _INSIDE)
    return address.is_global and not address.is_multicast and not inside


class Outgoing:
    """The client of a process. `loopback` also allows requests to this machine, over HTTP."""

    def __init__(self, *, loopback: bool = False, seconds: float = _SECONDS) -> None:
        self._loopback = loopback
        self._seconds = seconds
        self._client = httpx2.AsyncClient(
            transport=_Transport(loopback=loopback),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(seconds),
            headers={"User-Agent": "skranke", "Accept-Encoding": "identity"},
        )

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        most_bytes: int = _MOST_BYTES,
    ) -> Answer:
        """One request and its answer, whatever its status; a redirect is one such answer.

        Raises `OutgoingRefused`, `OutgoingFailed`."""
        self.check(url)
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream(
                    method, url, headers=dict(headers or {}), data=form, json=json
                ) as answer,
            ):
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise OutgoingFailed("compressed")
                body = bytearray()
                async for piece in answer.aiter_raw():
                    body += piece
                    if len(body) > most_bytes:
                        raise OutgoingFailed("too-large")
                return Answer(answer.status_code, bytes(body), dict(answer.headers))
        except TimeoutError as error:
            raise OutgoingFailed("too-slow") from error
        except httpx2.HTTPError as error:
            raise OutgoingFailed(type(error).__name__) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    def check(self, url: str) -> None:
        """Raise `OutgoingRefused` for an address that neither we nor a browser may be sent to."""
        if not _PLAIN.fullmatch(url):
            raise OutgoingRefused("malformed")
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            raise OutgoingRefused("malformed") from error
        if not parts.hostname or parts.username is not None or parts.password is not None:
            raise OutgoingRefused("malformed")
        here = self._loopback and parts.hostname in _LOOPBACK_HOSTS
        if parts.scheme != "https" and not (parts.scheme == "http" and here):
            raise OutgoingRefused("not-https")


class _Transport(httpx2.AsyncHTTPTransport):
    """HTTP over connections to checked addresses only."""

    def __init__(self, *, loopback: bool) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=50,
            max_keepalive_connections=10,
            keepalive_expiry=30,
            network_backend=_CheckedBackend(loopback=loopback),
        )


class _CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves a name once and connects to a checked address; TLS still verifies the name."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the library's signature)
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._addresses(host, port)
        trouble: Exception | None = None
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                trouble = error
        raise trouble or httpcore2.ConnectError("no address")

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        raise OutgoingRefused("not-https")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError("name-unknown") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        here = self._loopback and host in _LOOPBACK_HOSTS
        for address in addresses:
            if not (leads_outside(address) or (here and address.is_loopback)):
                raise OutgoingRefused("inside")
        return addresses
