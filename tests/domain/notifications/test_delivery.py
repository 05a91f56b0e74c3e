"""Telling twice is telling once; what cannot go out waits; what died comes again as it was."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.database.session import Database
from app.domain.sign_in.actions import open_portal
from app.domain.sign_in.events import PasswordResetAsked
from app.domain.sign_in.links import consume_link
from app.gateways.mail import Mail, MailRefused, MailUnavailable
from app.journal import record
from app.kernel import clock
from app.kernel.settings import Settings
from tests.domain.notifications.desk import Desk, furnished

pytestmark = pytest.mark.database


class Interrupted(Exception):
    """The worker dies."""


async def answered(desk: Desk) -> None:
    """A customer's ticket was answered by an agent; nobody has been told."""
    customer = await desk.customer(await desk.organization(), "Väinö <b>Customer</b>")
    agent = await desk.agent()
    ticket = await desk.open(customer, subject="Raportti & muut")
    await desk.nobody_is_told()
    await desk.write(agent, ticket, "Tutkimme *asiaa*. <script>alert(1)</script>")


async def test_a_mail_holds_the_answer_and_where_it_belongs(desk: Desk) -> None:
    await answered(desk)
    (mail,) = await desk.tell()
    (row,) = [row for row in await desk.rows() if row.template == "comment"]
    assert mail.message_id == row.message_id == f"<{row.id}@desk.example>"
    assert mail.references == (f"<ticket-{row.ticket_id}@desk.example>",)
    assert mail.in_reply_to == mail.references[0]
    assert mail.reply_to == f"reply+{row.reply_token}@desk.example"
    assert mail.subject == "[CRM-1001] Raportti & muut"
    assert mail.language == "fi"
    assert mail.from_address == "support@crm.example"
    assert "Tutkimme asiaa." in mail.text
    assert "<em>asiaa</em>" in mail.html
    assert "<script>" not in mail.html
    assert "<b>" not in mail.html
    assert f"/v1/tickets/{row.ticket_id}" in mail.text


async def test_each_mail_has_an_answering_address_of_its_own(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    await desk.agent()
    await desk.agent()
    await desk.open(customer)
    one, other = await desk.tell()
    assert one.reply_to != other.reply_to
    assert one.references == other.references


async def test_the_mail_speaks_the_readers_language(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization(), language="it")
    agent = await desk.agent(language="nb")
    ticket = await desk.open(customer)
    (mail,) = await desk.tell()
    assert mail.language == "nb"
    assert "Du får denne e-posten" in mail.text
    await desk.write(agent, ticket)
    (mail,) = await desk.tell()
    assert mail.language == "it"
    assert "Riceve questa e-mail" in mail.text


async def test_telling_twice_tells_once(desk: Desk) -> None:
    await answered(desk)
    assert len(await desk.tell()) == 1
    before = len(desk.mailer.sent)
    await desk.repeat()
    assert len(desk.mailer.sent) == before


async def test_a_mail_that_cannot_go_out_waits_and_goes_out_as_the_same(desk: Desk) -> None:
    await answered(desk)
    desk.mailer.failure = MailUnavailable("451")
    with pytest.raises(MailUnavailable):
        await desk.tell()
    (waiting,) = [row for row in await desk.rows() if row.template == "comment"]
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    desk.mailer.failure = None
    (mail,) = await desk.tell()
    assert mail.message_id == waiting.message_id
    (row,) = [row for row in await desk.rows() if row.template == "comment"]
    assert (row.state, row.attempts) == ("sent", 2)
    assert row.sent_at is not None


async def test_one_mail_that_cannot_go_out_does_not_hold_up_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await desk.customer(await desk.organization())
    stuck, free = await desk.agent(), await desk.agent()
    blocked = await desk.address_of(stuck)
    await desk.open(customer)
    deliver = desk.mailer.send

    async def send(mail: Mail) -> None:
        if mail.to_address == blocked:
            raise MailUnavailable("451")
        await deliver(mail)

    monkeypatch.setattr(desk.mailer, "send", send)
    with pytest.raises(MailUnavailable):
        await desk.tell()
    assert await desk.told(desk.mailer.sent, free)


async def test_a_mail_refused_for_good_is_not_tried_again(desk: Desk) -> None:
    await answered(desk)
    desk.mailer.failure = MailRefused("550 5.1.1")
    assert await desk.tell() == []
    desk.mailer.failure = None
    await desk.repeat()
    assert [row.state for row in await desk.rows() if row.template == "comment"] == ["refused"]


async def test_a_worker_that_dies_after_sending_sends_the_same_mail_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(desk)
    with monkeypatch.context() as patched:
        sent: list[Mail] = []

        async def send(mail: Mail) -> None:
            sent.append(mail)
            raise Interrupted

        patched.setattr(desk.mailer, "send", send)
        with pytest.raises(Interrupted):
            await desk.tell()
    (again,) = await desk.tell()
    assert again.message_id == sent[0].message_id
    assert again.reply_to == sent[0].reply_to


async def test_news_of_last_week_is_none(desk: Desk) -> None:
    await answered(desk)
    desk.mailer.failure = MailUnavailable("451")
    with pytest.raises(MailUnavailable):
        await desk.tell()
    desk.mailer.failure = None
    late = datetime.now(UTC) + timedelta(days=6)
    clock.set_source(lambda: late)
    try:
        assert await desk.tell() == []
    finally:
        clock.set_source(None)
    assert [row.state for row in await desk.rows() if row.template == "comment"] == ["dropped"]


async def test_where_a_department_is_sensitive_mails_hold_a_link_alone(
    served: Settings, database: Database
) -> None:
    desk = await furnished(served, database, link_only_mails=True)
    customer = await desk.customer(await desk.organization())
    agent = await desk.agent()
    ticket = await desk.open(customer, subject="Sensitive matter", description="Hush")
    await desk.write(agent, ticket, "Hush")
    mails = await desk.tell()
    assert len(mails) == 2
    for mail in mails:
        assert "Hush" not in mail.text + mail.html
        assert "Sensitive matter" not in mail.subject + mail.text + mail.html
        assert f"/v1/tickets/{ticket.id}" in mail.text


async def ask_for_a_new_password(desk: Desk, person: UUID) -> None:
    async with desk.as_system() as (session, system):
        await record(session, system, PasswordResetAsked(subject_id=person))


def token_in(mail: Mail) -> str:
    (line,) = [line for line in mail.text.splitlines() if "/password-resets/" in line]
    return line.rpartition("/")[2]


async def test_a_password_link_stands_in_the_mail_and_nowhere_else(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    await ask_for_a_new_password(desk, customer)
    (mail,) = await desk.tell()
    token = token_in(mail)
    assert mail.reply_to is None
    assert mail.references == ()
    async with desk.as_system() as (session, system):
        for table in ("notifications", "events", "one_time_tokens"):
            rows = await session.scalars(text(f"SELECT t::text FROM {table} t"))  # noqa: S608
            assert token not in "".join(rows)
        used = await consume_link(session, system, token)
    assert (used.person_id, used.purpose) == (customer, "password_reset")


async def test_the_muted_get_their_password_link_and_the_gone_get_none(desk: Desk) -> None:
    acme = await desk.organization()
    muted, gone = await desk.customer(acme), await desk.customer(acme)
    await desk.change(muted, muted=True)
    await desk.change(gone, state="inactive")
    await ask_for_a_new_password(desk, muted)
    await ask_for_a_new_password(desk, gone)
    assert await desk.told(await desk.tell(), muted)


async def test_whoever_the_portal_is_opened_for_gets_a_link_to_begin_with(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization(), language="en")
    await desk.change(customer, state="invited")
    async with desk.as_system() as (session, system):
        await open_portal(session, system, str(customer))
    (mail,) = await desk.tell()
    assert mail.subject == "Welcome to CRM-service Support Portal"
    assert await desk.address_of(customer) in mail.text
    async with desk.as_system() as (session, system):
        assert (await consume_link(session, system, token_in(mail))).purpose == "activation"
