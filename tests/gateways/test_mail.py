"""Mails say that a machine wrote them, arrive whole, and no name or subject forges a header."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import pytest
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
from tests.gateways.mails import MAIL, body, parsed


def read(message: Mail) -> EmailMessage:
    return parsed(written(message))


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
