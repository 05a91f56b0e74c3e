"""Mails arrive whole, say that a machine wrote them, and no name or subject forges a header."""

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from app.gateways.mail import (
    InMemory,
    Mail,
    Maildir,
    MailRefused,
    MailUnavailable,
    Smtp,
    mailer_for,
    written,
)
from app.kernel import clock
from app.kernel.settings import Settings

MAIL = Mail(
    message_id="<01890a5d-ac96-774b-bcce-b302099a8057@skranke.example>",
    from_name="CRM-service",
    from_address="support@crm.example",
    to_name="Customer",
    to_address="customer@acme.example",
    subject="[CRM-1042] Raportti ei aukea",
    text="Hei!\n\n.piste rivin alussa\nä ö å\n" + "x" * 2000,
    html="<p>Hei! ä ö å</p>",
    language="fi",
    reply_to="reply+abc@skranke.example",
    in_reply_to="<root@skranke.example>",
    references=("<root@skranke.example>", "<other@skranke.example>"),
)


def read(message: Mail) -> EmailMessage:
    return parsed(written(message))


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n").rstrip("\n")


def test_a_mail_carries_text_html_and_where_it_belongs() -> None:
    mail = read(MAIL)
    assert body(mail, "plain") == MAIL.text
    assert body(mail, "html") == MAIL.html
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["Message-ID"] == MAIL.message_id
    assert mail["In-Reply-To"] == "<root@skranke.example>"
    assert mail["References"].split() == list(MAIL.references)
    assert mail["Reply-To"] == "reply+abc@skranke.example"
    assert mail["Subject"] == MAIL.subject
    assert mail["Content-Language"] == "fi"


def test_a_mail_says_that_a_machine_wrote_it() -> None:
    mail = read(MAIL)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"


def test_the_date_of_a_mail_is_what_our_clock_shows() -> None:
    moment = datetime(2031, 5, 17, 10, 0, tzinfo=UTC)
    clock.set_source(lambda: moment)
    try:
        assert read(MAIL)["Date"].datetime == moment
    finally:
        clock.set_source(None)


def test_every_line_is_short_enough_and_ends_in_crlf() -> None:
    content = written(replace(MAIL, subject="ä" * 200, to_name="Väinö " * 15))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 78


@given(text=st.text(max_size=400), html=st.text(alphabet="a.= \t\r\nä\x00From-_", max_size=400))
def test_what_is_said_arrives_as_it_was_said(text: str, html: str) -> None:
    content = written(replace(MAIL, text=text, html=html))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 78
    plain, marked_up = parsed(content).iter_parts()
    for part, said in ((plain, text), (marked_up, html)):
        lines = said.encode("utf-8", "replace").splitlines()
        assert part.get_payload(decode=True) == b"\r\n".join(lines)


def test_a_long_message_id_is_written_as_it_is() -> None:
    long = "<01890a5d-ac96-774b-bcce-b302099a8057@desk.of.a.customer.with.a.long.name.example>"
    content = written(replace(MAIL, message_id=long, in_reply_to=long, references=(long, long)))
    assert content.count(long.encode()) == 4


@pytest.mark.parametrize(
    "name",
    [
        "Bob, <boss@crm.example>",
        "Bob\r\nBcc: everybody@crm.example",
        "Bob\nSubject: other",
        'Bob" <boss@crm.example>, "',
        "Väinö, <boss@crm.example>",
        "=?utf-8?q?=3Cboss=40crm.example=3E?=",
        "Bob, <boss@crm.example>" * 9,
        "(comment) Bob; group:",
        "B\u2028ob\x85\x0b\x00\ud800",
        "",
    ],
)
def test_a_name_cannot_add_a_recipient_or_a_header(name: str) -> None:
    mail = read(replace(MAIL, to_name=name, from_name=name, subject=name))
    assert [address.addr_spec for address in mail["To"].addresses] == [MAIL.to_address]
    assert [address.addr_spec for address in mail["From"].addresses] == [MAIL.from_address]
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject") or []) == 1


@given(name=st.text(max_size=150), subject=st.text(max_size=300))
def test_no_name_or_subject_forges_anything(name: str, subject: str) -> None:
    content = written(replace(MAIL, to_name=name, subject=subject))
    mail = parsed(content)
    assert set(mail.keys()) == set(read(MAIL).keys())
    assert [address.addr_spec for address in mail["To"].addresses] == [MAIL.to_address]
    if name and name.isprintable() and len(name) < 90 and name == " ".join(name.split()):
        as_sent = email.message_from_bytes(content)["To"]
        assert (
            str(make_header(decode_header(as_sent))).removesuffix(f" <{MAIL.to_address}>") == name
        )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@crm.example",
        "a@",
        "a b@crm.example",
        "a@crm.example, b@crm.example",
        "a@crm.example\r\nBcc: b@crm.example",
        "<a@crm.example>",
        "a@[127.0.0.1]",
        "a@exa mple",
        "a@b@crm.example\n",
    ],
)
async def test_what_is_no_address_is_refused_for_good(address: str) -> None:
    with pytest.raises(MailRefused, match="malformed-address"):
        await InMemory().send(replace(MAIL, to_address=address))


def test_a_domain_with_letters_of_any_alphabet_is_written_in_ascii() -> None:
    assert b"<kunde@xn--bcher-kva.example>" in written(
        replace(MAIL, to_address="kunde@bücher.example")
    )


@pytest.mark.parametrize("name", ["Subject", "From", "Content-Type", "X Bad", "X-Bad:", ""])
def test_a_header_of_ours_cannot_be_written_over(name: str) -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        written(replace(MAIL, headers={name: "x"}))


def test_another_header_is_cleaned_like_every_other() -> None:
    assert read(replace(MAIL, headers={"X-Desk": "a\r\nBcc: b@crm.example"}))["X-Desk"] == (
        "a Bcc: b@crm.example"
    )


async def test_a_maildir_holds_each_mail_readable_by_its_owner_alone(tmp_path: Path) -> None:
    mailer = Maildir(tmp_path / "mail")
    await mailer.send(MAIL)
    await mailer.send(replace(MAIL, subject="second"))
    first, second = sorted((tmp_path / "mail" / "new").iterdir())
    assert parsed(first.read_bytes())["Subject"] == MAIL.subject
    assert parsed(second.read_bytes())["Subject"] == "second"
    assert first.suffix == ".eml"
    assert first.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "mail" / "tmp").iterdir()) == []


async def test_a_maildir_that_cannot_be_written_is_only_unavailable(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailUnavailable):
        await Maildir(tmp_path / "mail").send(MAIL)


def test_settings_choose_the_way_out(tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path)
    assert isinstance(mailer_for(plain), Maildir)
    assert isinstance(mailer_for(plain.model_copy(update={"smtp_url": None})), Maildir)
    with_server = Settings.model_validate({"smtp_url": "smtp://localhost:2525"})
    assert isinstance(mailer_for(with_server), Smtp)


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
