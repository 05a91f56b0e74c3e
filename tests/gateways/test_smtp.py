"""Mails over SMTP: to a real server, encrypted where it can, tried again where that helps."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.gateways.mail import MailRefused, MailUnavailable, Smtp
from tests.gateways.mails import MAIL, body, parsed


@pytest.mark.parametrize(
    "url", ["localhost", "http://mail.example", "smtp://", "smtp://u:hush@h:x", "smtp://h?tls=1"]
)
def test_an_unreadable_server_address_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://user:password@host:port") as caught:
        Smtp(url)
    assert "hush" not in str(caught.value)


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Our side of an encrypted connection, and the side of a server it believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(certificate + secret)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(file)
    return ssl.create_default_context(cadata=certificate.decode()), theirs


class Desk:
    """A mail server's behaviour: what it answers, and what it received."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.sessions: set[str] = set()
        self.encrypted: list[bool] = []
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.sessions.add(str(session.peer))
        if self.to_data.startswith("250"):
            self.received.append(envelope)
            assert server.transport is not None
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return self.to_data


@asynccontextmanager
async def serving(
    desk: Desk, *, implicit_tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """A real SMTP server on loopback; its port."""

    def connected() -> SMTP:
        return SMTP(desk, hostname="mail.example", **options)

    server = await asyncio.get_running_loop().create_server(
        connected, "127.0.0.1", 0, ssl=implicit_tls
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_receives_what_was_sent() -> None:
    desk = Desk()
    async with serving(desk) as port:
        await Smtp(f"smtp://127.0.0.1:{port}").send(MAIL)
    (envelope,) = desk.received
    assert envelope.mail_from == "support@crm.example"
    assert envelope.rcpt_tos == ["customer@acme.example"]
    assert isinstance(envelope.content, bytes)
    assert body(parsed(envelope.content), "plain") == MAIL.text


@pytest.mark.parametrize("place", ["to_recipient", "to_data"])
async def test_a_permanent_answer_is_final_and_names_nobody(place: str) -> None:
    desk = Desk()
    setattr(desk, place, "550 5.1.1 <customer@acme.example>: unknown")
    async with serving(desk) as port:
        with pytest.raises(MailRefused) as caught:
            await Smtp(f"smtp://127.0.0.1:{port}").send(MAIL)
    assert caught.value.reason == "550 5.1.1"


@pytest.mark.parametrize("place", ["to_recipient", "to_data"])
async def test_a_temporary_answer_asks_to_try_again(place: str) -> None:
    desk = Desk()
    setattr(desk, place, "451 greylisted")
    async with serving(desk) as port:
        with pytest.raises(MailUnavailable, match="451"):
            await Smtp(f"smtp://127.0.0.1:{port}").send(MAIL)


async def test_several_mails_go_over_one_connection() -> None:
    desk = Desk()
    async with serving(desk) as port, Smtp(f"smtp://127.0.0.1:{port}").session() as session:
        for number in range(3):
            await session.send(replace(MAIL, subject=str(number)))
    assert [parsed(each.content)["Subject"] for each in desk.received] == ["0", "1", "2"]  # type: ignore[arg-type]
    assert len(desk.sessions) == 1


@pytest.mark.parametrize("place", ["to_recipient", "to_data"])
@pytest.mark.parametrize("answer", ["550 5.1.1 unknown", "451 greylisted"])
async def test_what_is_refused_does_not_hold_up_what_comes_after_it(
    place: str, answer: str
) -> None:
    desk = Desk()
    async with serving(desk) as port, Smtp(f"smtp://127.0.0.1:{port}").session() as session:
        await session.send(MAIL)
        setattr(desk, place, answer)
        with pytest.raises((MailRefused, MailUnavailable)):
            await session.send(MAIL)
        setattr(desk, place, "250 OK")
        await session.send(MAIL)
    assert len(desk.received) == 2


async def test_a_server_that_hangs_up_between_two_mails_is_called_again() -> None:
    desk = Desk()
    async with (
        serving(desk, timeout=0.2) as port,
        Smtp(f"smtp://127.0.0.1:{port}").session() as session,
    ):
        await session.send(MAIL)
        await asyncio.sleep(0.4)
        await session.send(MAIL)
    assert len(desk.received) == len(desk.sessions) == 2


async def test_a_server_that_is_not_there_asks_to_try_again(unused_tcp_port: int) -> None:
    with pytest.raises(MailUnavailable):
        await Smtp(f"smtp://127.0.0.1:{unused_tcp_port}").send(MAIL)


async def test_a_server_that_says_nothing_is_left_in_time(silent_port: int) -> None:
    with pytest.raises(MailUnavailable):
        await Smtp(f"smtp://127.0.0.1:{silent_port}", patience=0.2).send(MAIL)


async def test_an_address_beyond_ascii_needs_a_server_that_says_it_can() -> None:
    mail = replace(MAIL, to_address="jürgen@acme.example")
    desk = Desk()
    async with serving(desk, enable_SMTPUTF8=True) as port:
        await Smtp(f"smtp://127.0.0.1:{port}").send(mail)
    assert desk.received[0].rcpt_tos == ["jürgen@acme.example"]
    async with serving(desk) as port:
        with pytest.raises(MailRefused, match="smtputf8-not-offered"):
            await Smtp(f"smtp://127.0.0.1:{port}").send(mail)


async def test_encryption_is_used_where_it_is_offered(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    ours, theirs = tls
    desk = Desk()
    async with serving(desk, tls_context=theirs) as port:
        await Smtp(f"smtp://127.0.0.1:{port}", tls=ours).send(MAIL)
    async with serving(desk, implicit_tls=theirs) as port:
        await Smtp(f"smtps://127.0.0.1:{port}", tls=ours).send(MAIL)
    assert desk.encrypted == [True, True]


async def test_a_certificate_nobody_vouches_for_is_not_believed(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    desk = Desk()
    async with serving(desk, implicit_tls=tls[1]) as port:
        with pytest.raises(MailUnavailable):
            await Smtp(f"smtps://127.0.0.1:{port}").send(MAIL)
    assert desk.received == []


async def test_a_wrong_password_is_no_fault_of_the_mail(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    def check(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == b"p@ss/word", handled=False)

    ours, theirs = tls
    desk = Desk()
    async with serving(desk, tls_context=theirs, authenticator=check, auth_required=True) as port:
        await Smtp(f"smtp://desk:p%40ss%2Fword@127.0.0.1:{port}", tls=ours).send(MAIL)
        with pytest.raises(MailUnavailable, match="535"):
            await Smtp(f"smtp://desk:wrong@127.0.0.1:{port}", tls=ours).send(MAIL)
    assert len(desk.received) == 1


async def test_a_password_is_not_shown_to_another_machine_in_the_clear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    async with serving(desk) as port:
        loop = asyncio.get_running_loop()
        there = loop.create_connection

        async def elsewhere(factory: Any, host: str, **options: Any) -> Any:
            assert host == "mail.example"
            return await there(factory, "127.0.0.1", **options)

        monkeypatch.setattr(loop, "create_connection", elsewhere)
        with pytest.raises(MailUnavailable):
            await Smtp(f"smtp://desk:hush@mail.example:{port}").send(MAIL)
    assert desk.received == []
