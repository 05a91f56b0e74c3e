"""The way out: what is never asked, and what an answer may not do to us."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.gateways.outgoing import Outgoing, OutgoingFailed, OutgoingRefused, leads_outside

INSIDE = (
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "168.63.129.16",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",  # noqa: S104 (asked for, not listened on)
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.192",
    "198.18.0.1",
    "192.88.99.1",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_leads_inside_is_known(address: str) -> None:
    assert not leads_outside(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "20.190.128.1", "2a00:1450:4001::1"])
def test_an_address_of_the_internet_is_known(address: str) -> None:
    assert leads_outside(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://provider.example/",
        "http://127.0.0.1/",
        "ftp://provider.example/",
        "file:///etc/passwd",
        "https://user:password@provider.example/",
        "https:///nowhere",
        "https://provider.example:port/",
        "https://provider.example/\r\nSet-Cookie: a=b",
        "https://provider.example/>; rel=next",
        "https://provider.example/a b",
        "",
    ],
)
async def test_what_is_not_https_is_not_asked(url: str) -> None:
    way = Outgoing()
    with pytest.raises(OutgoingRefused):
        await way.ask("GET", url)
    await way.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://168.63.129.16/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://[64:ff9b::7f00:1]/",
    ],
)
async def test_nothing_that_leads_inside_is_asked_however_it_is_written(url: str) -> None:
    way = Outgoing()
    with pytest.raises((OutgoingRefused, OutgoingFailed), match=r"inside|ConnectError"):
        await way.ask("GET", url)
    await way.close()


async def test_a_name_is_looked_up_once_and_all_it_has_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the address that was checked is the one connected to; one bad, all bad."""
    looks: list[str] = []

    def look(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looks.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("8.8.8.8", "127.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    way = Outgoing(loopback=True)
    with pytest.raises(OutgoingRefused, match="inside"):
        await way.ask("GET", "https://rebinding.example/")
    assert looks == ["rebinding.example"]
    await way.close()


@pytest.fixture(scope="module")
def rude() -> Iterator[str]:
    """A server that redirects, answers without end, and slowly."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Rude) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


async def test_a_redirect_is_an_answer_and_not_followed(rude: str) -> None:
    way = Outgoing(loopback=True)
    answer = await way.ask("GET", f"{rude}/redirect")
    assert answer.status == 302
    await way.close()


@pytest.mark.parametrize(
    ("path", "reason"), [("large", "too-large"), ("zipped", "compressed"), ("slow", "too-slow")]
)
async def test_an_answer_has_a_bound(rude: str, path: str, reason: str) -> None:
    way = Outgoing(loopback=True, seconds=1)
    with pytest.raises(OutgoingFailed, match=reason):
        await way.ask("GET", f"{rude}/{path}")
    await way.close()


class _Rude(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/zipped":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            if self.path == "/slow":
                threading.Event().wait(3)
            for _ in range(200):
                self.wfile.write(b"x" * 16_384)
        except OSError:
            pass

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""
