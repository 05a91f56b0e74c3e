"""`skranke mail` shows what was sent, and what a customer wrote cannot command the terminal."""

import asyncio
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from app.commands.mail import mail
from app.gateways.mail import Mail, Maildir

program = typer.Typer()
program.command()(mail)


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with two mails in it."""
    monkeypatch.setenv("SKRANKE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SKRANKE_SMTP_URL", raising=False)
    return tmp_path


def deliver(folder: Path, name: str, text: str) -> None:
    message = Mail(
        message_id=f"<{name}@crm.example>",
        from_name="CRM-service",
        from_address="support@crm.example",
        to_name="",
        to_address=f"{name}@acme.example",
        subject=f"[CRM-1042] for the {name}",
        text=text,
        html=f"<p>{text}</p>",
        language="fi",
    )
    asyncio.run(Maildir(folder / "mail").send(message))


def say(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, words)
    return result.exit_code, result.output


def test_before_the_first_mail_it_says_where_they_will_be(sent: Path) -> None:
    code, said = say()
    assert code == 0
    assert "mail/new" in said.replace("\n", "")


def test_mails_are_listed_oldest_first_and_shown_by_number(sent: Path) -> None:
    deliver(sent, "customer", "Hyvää päivää")
    deliver(sent, "admin", "toinen")
    code, said = say()
    first, second = said.splitlines()
    assert code == 0
    assert "[CRM-1042] for the customer" in first
    assert "[CRM-1042] for the admin" in second
    assert "Hyvää päivää" in say("1")[1]
    assert "toinen" in say("last")[1]
    assert say("1", "--html")[1].strip() == "<p>Hyvää päivää</p>"
    assert "Message-ID: <customer@crm.example>" in say("1", "--raw")[1]
    assert "customer" not in say("--to", "admin")[1]
    assert "Hyvää päivää" in say("last", "--to", "customer")[1]


@pytest.mark.parametrize("which", ["0", "3", "-1", "x", "²"])
def test_a_number_that_is_not_there_is_said_in_one_line(sent: Path, which: str) -> None:
    deliver(sent, "customer", "x")
    code, said = say("--", which)
    assert code == 1
    assert f"There is no mail {which}" in said


def test_what_a_customer_wrote_cannot_command_the_terminal(sent: Path) -> None:
    deliver(sent, "customer", "a\x1b]0;owned\x07b\x9b31mc")
    assert "\x1b" not in say("1")[1]
    assert "\x9b" not in say("1")[1]
