"""Telling twice is telling once; what cannot go out waits; what died comes again as it was."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.database.session import Database
from app.domain.notifications import delivery
from app.domain.sign_in.events import PasswordResetAsked
from app.domain.sign_in.links import consume_link
from app.domain.sign_in.password_changes import open_portal
from app.gateways.mail import Mail, MailRefused, MailUnavailable
from app.journal import record
from app.kernel import clock
from app.kernel.settings import Settings
from app.models.notifications import Notification
from tests.domain.notifications.office import Office, furnished


class Interrupted(Exception):
    """The worker dies."""


async def answered(office: Office) -> None:
    """A customer's ticket was answered by an agent; nobody has been told."""
    customer = await office.customer(await office.organization(), "Väinö <b>Customer</b>")
    agent = await office.agent()
    ticket = await office.open(customer, subject="Raportti & muut")
    await office.nobody_is_told()
    await office.write(agent, ticket, "Tutkimme *asiaa*. <script>alert(1)</script>")


async def test_a_mail_holds_the_answer_and_where_it_belongs(office: Office) -> None:
    await answered(office)
    (mail,) = await office.tell()
    (row,) = [row for row in await office.rows() if row.template == "comment"]
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
    assert "/tickets/CRM-1001\n" in mail.text  # a page of ours: it has no frontend


async def test_each_mail_has_an_answering_address_of_its_own(office: Office) -> None:
    customer = await office.customer(await office.organization())
    await office.agent()
    await office.agent()
    await office.open(customer)
    one, other = await office.tell()
    assert one.reply_to != other.reply_to
    assert one.references == other.references


async def test_the_mail_speaks_the_readers_language(office: Office) -> None:
    customer = await office.customer(await office.organization(), language="it")
    agent = await office.agent(language="nb")
    ticket = await office.open(customer)
    (mail,) = await office.tell()
    assert mail.language == "nb"
    assert "Du får denne e-posten" in mail.text
    await office.write(agent, ticket)
    (mail,) = await office.tell()
    assert mail.language == "it"
    assert "Riceve questa e-mail" in mail.text


async def test_telling_twice_tells_once(office: Office) -> None:
    await answered(office)
    assert len(await office.tell()) == 1
    before = len(office.mailer.sent)
    await office.repeat()
    assert len(office.mailer.sent) == before


async def test_a_mail_that_cannot_go_out_waits_and_goes_out_as_the_same(office: Office) -> None:
    await answered(office)
    office.mailer.failure = MailUnavailable("451")
    with pytest.raises(MailUnavailable):
        await office.tell()
    (waiting,) = [row for row in await office.rows() if row.template == "comment"]
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    office.mailer.failure = None
    (mail,) = await office.tell()
    assert mail.message_id == waiting.message_id
    (row,) = [row for row in await office.rows() if row.template == "comment"]
    assert (row.state, row.attempts) == ("sent", 2)
    assert row.sent_at is not None


async def test_one_mail_that_cannot_go_out_does_not_hold_up_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await office.customer(await office.organization())
    stuck, free = await office.agent(), await office.agent()
    blocked = await office.address_of(stuck)
    await office.open(customer)
    deliver = office.mailer.send

    async def send(mail: Mail) -> None:
        if mail.to_address == blocked:
            raise MailUnavailable("451")
        await deliver(mail)

    monkeypatch.setattr(office.mailer, "send", send)
    with pytest.raises(MailUnavailable):
        await office.tell()
    assert await office.told(office.mailer.sent, free)


async def test_one_mail_that_cannot_be_written_does_not_hold_up_the_others(office: Office) -> None:
    customer = await office.customer(await office.organization())
    stuck, free = await office.agent(), await office.agent()
    await office.open(customer)
    office.mailer.failure = MailUnavailable("451")
    with pytest.raises(MailUnavailable):
        await office.tell()
    office.mailer.failure = None
    (unheard_of,) = [row for row in await office.rows() if row.person_id == stuck]
    async with office.as_system() as (session, _):
        row = await session.get_one(Notification, (office.tenant_id, unheard_of.id))
        row.reason = "unheard-of"
    with pytest.raises(ValueError, match="unheard-of"):
        await office.tell()
    assert await office.told(office.mailer.sent, free)
    states = {row.person_id: row.state for row in await office.rows()}
    assert states == {stuck: "pending", free: "sent"}


async def test_a_worker_that_dies_in_the_middle_sends_no_mail_again_that_it_noted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_UNNOTED_SECONDS", 0.0)
    customer = await office.customer(await office.organization())
    await office.agent()
    await office.agent()
    await office.open(customer)
    deliver = office.mailer.send

    async def send(mail: Mail) -> None:
        if office.mailer.sent:
            raise Interrupted
        await deliver(mail)

    with monkeypatch.context() as patched:
        patched.setattr(office.mailer, "send", send)
        with pytest.raises(Interrupted):
            await office.tell()
    assert sorted(row.state for row in await office.rows()) == ["pending", "sent"]
    (other,) = await office.tell()
    assert other.to_address != office.mailer.sent[0].to_address


async def test_a_mail_refused_for_good_is_not_tried_again(office: Office) -> None:
    await answered(office)
    office.mailer.failure = MailRefused("550 5.1.1")
    assert await office.tell() == []
    office.mailer.failure = None
    await office.repeat()
    assert [row.state for row in await office.rows() if row.template == "comment"] == ["refused"]


async def test_a_worker_that_dies_after_sending_sends_the_same_mail_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(office)
    with monkeypatch.context() as patched:
        sent: list[Mail] = []

        async def send(mail: Mail) -> None:
            sent.append(mail)
            raise Interrupted

        patched.setattr(office.mailer, "send", send)
        with pytest.raises(Interrupted):
            await office.tell()
    (again,) = await office.tell()
    assert again.message_id == sent[0].message_id
    assert again.reply_to == sent[0].reply_to


async def test_news_of_last_week_is_none(office: Office) -> None:
    await answered(office)
    office.mailer.failure = MailUnavailable("451")
    with pytest.raises(MailUnavailable):
        await office.tell()
    office.mailer.failure = None
    late = datetime.now(UTC) + timedelta(days=6)
    clock.set_source(lambda: late)
    try:
        assert await office.tell() == []
    finally:
        clock.set_source(None)
    assert [row.state for row in await office.rows() if row.template == "comment"] == ["dropped"]


async def test_where_a_department_is_sensitive_mails_hold_a_link_alone(
    served: Settings, database: Database
) -> None:
    office = await furnished(served, database, link_only_mails=True)
    customer = await office.customer(await office.organization())
    agent = await office.agent()
    ticket = await office.open(customer, subject="Sensitive matter", description="Hush")
    await office.write(agent, ticket, "Hush")
    mails = await office.tell()
    assert len(mails) == 2
    for mail in mails:
        assert "Hush" not in mail.text + mail.html
        assert "Sensitive matter" not in mail.subject + mail.text + mail.html
        assert "/tickets/CRM-1001\n" in mail.text


async def ask_for_a_new_password(office: Office, person: UUID) -> None:
    async with office.as_system() as (session, system):
        await record(session, system, PasswordResetAsked(subject_id=person))


def token_in(mail: Mail) -> str:
    (line,) = [line for line in mail.text.splitlines() if "/password-resets/" in line]
    return line.rpartition("/")[2]


async def test_a_password_link_stands_in_the_mail_and_nowhere_else(office: Office) -> None:
    customer = await office.customer(await office.organization())
    await ask_for_a_new_password(office, customer)
    (mail,) = await office.tell()
    token = token_in(mail)
    assert mail.reply_to is None
    assert mail.references == ()
    async with office.as_system() as (session, system):
        for table in ("notifications", "events", "one_time_tokens"):
            rows = await session.scalars(text(f"SELECT t::text FROM {table} t"))  # noqa: S608
            assert token not in "".join(rows)
        used = await consume_link(session, system, token)
    assert (used.person_id, used.purpose) == (customer, "password_reset")


async def test_the_muted_get_their_password_link_and_the_gone_get_none(office: Office) -> None:
    acme = await office.organization()
    muted, gone = await office.customer(acme), await office.customer(acme)
    await office.change(muted, muted=True)
    await office.change(gone, state="inactive")
    await ask_for_a_new_password(office, muted)
    await ask_for_a_new_password(office, gone)
    assert await office.told(await office.tell(), muted)


async def test_whoever_the_portal_is_opened_for_gets_a_link_to_begin_with(office: Office) -> None:
    customer = await office.customer(await office.organization(), language="en")
    await office.change(customer, state="invited")
    async with office.as_system() as (session, system):
        await open_portal(session, system, str(customer))
    (mail,) = await office.tell()
    assert mail.subject == "Welcome to CRM-service Support Portal"
    assert await office.address_of(customer) in mail.text
    async with office.as_system() as (session, system):
        assert (await consume_link(session, system, token_in(mail))).purpose == "activation"
