"""When silence is a yes (S2-17, S2-18), and all that keeps it from being one."""

from datetime import timedelta

import pytest

from app.domain.approvals.approvers import Asked
from app.domain.approvals.asking import Question
from app.gateways.mail import MailRefused, MailUnavailable
from tests.domain.approvals.people import MONDAY, REMINDER, Case, hours_after

PRESUMED = hours_after(REMINDER, 24)


async def test_nobody_is_reminded_before_his_business_days_are_over(case: Case) -> None:
    assert await case.work(REMINDER - timedelta(minutes=1)) == []
    assert (await case.approval()).reminded_at is None


async def test_whoever_has_not_answered_is_reminded_in_the_morning(case: Case) -> None:
    (mail,) = await case.work(REMINDER)
    assert mail.to_address == await case.office.address_of(case.customer)
    assert "EXT-1001" in mail.text
    assert "inom 24 timmar" in mail.text
    assert "Godkänt" in mail.text
    approval = await case.approval()
    assert approval.reminded_at == REMINDER
    assert approval.presumed_at == PRESUMED


async def test_silence_after_the_reminder_closes_the_case_as_presumed_approved(case: Case) -> None:
    await case.work(REMINDER)
    assert await case.work(PRESUMED - timedelta(seconds=1)) == []
    assert await case.status() == "att_godkanna"
    mails = await case.work(PRESUMED)
    assert await case.status() == "avslutat"
    (decision,) = await case.decisions()
    assert (decision.kind, decision.decision, decision.final) == ("presumed", "approved", True)
    assert decision.person_id is None
    assert await case.office.told(mails, case.customer, case.agent)
    assert all("Godkänt" in mail.text for mail in mails)


async def test_every_step_is_told_with_the_version_of_its_rule(case: Case) -> None:
    await case.work(REMINDER)
    await case.work(PRESUMED)
    happened = await case.history()
    assert [name for name, _ in happened] == [
        "approval.asked",
        "approval.reminded",
        "approval.countdown_started",
        "approval.decided",
    ]
    assert {data["definition_version"] for _, data in happened} == {1}
    assert happened[-1][1]["kind"] == "presumed"


async def test_the_hours_are_absolute_over_a_change_of_clocks(case: Case) -> None:
    friday = REMINDER.replace(month=3, day=20, hour=9)
    case.at(friday)
    ticket = await case.another()
    await case.office.nobody_is_told()
    reminder = friday.replace(day=30, hour=8)
    await case.work(reminder)
    approval = await case.approval(ticket)
    assert approval.presumed_at is not None
    assert approval.presumed_at - reminder == timedelta(hours=24)


async def test_an_answer_in_time_is_the_answer(case: Case) -> None:
    await case.work(REMINDER)
    case.at(PRESUMED - timedelta(minutes=1))
    await case.decide(case.customer, "tested_ok")
    await case.work(PRESUMED + timedelta(days=30))
    (decision,) = await case.decisions()
    assert (decision.kind, decision.decision) == ("explicit", "tested_ok")
    assert await case.status() == "produktionssatts"


async def test_one_mail_reminds_of_everything_that_waits(case: Case) -> None:
    second = await case.another()
    case.at(MONDAY + timedelta(hours=6))
    third = await case.another()
    case.at(MONDAY + timedelta(days=3))
    fresh = await case.another()
    await case.office.nobody_is_told()
    (mail,) = await case.work(REMINDER)
    for number in ("EXT-1001", "EXT-1002", "EXT-1003", "EXT-1004"):
        assert number in mail.text
    warned = next(line for line in mail.text.splitlines() if "inom 24 timmar" in line)
    assert "EXT-1003" in warned
    assert "EXT-1004" not in warned
    assert (await case.approval(second)).presumed_at == PRESUMED
    assert (await case.approval(third)).presumed_at == PRESUMED
    assert (await case.approval(fresh)).presumed_at is None


async def test_a_reminder_comes_to_those_who_want_no_mails_too(case: Case) -> None:
    await case.office.change(case.customer, muted=True)
    (mail,) = await case.work(REMINDER)
    assert mail.to_address == await case.office.address_of(case.customer)


async def test_a_refused_reminder_starts_no_countdown(case: Case) -> None:
    case.office.mailer.failure = MailRefused("550 5.1.1")
    await case.work(REMINDER)
    case.office.mailer.failure = None
    assert (await case.approval()).presumed_at is None
    assert (await case.history())[-1][0] == "approval.reminder_failed"
    await case.work(PRESUMED + timedelta(days=60))
    assert await case.status() == "att_godkanna"


async def test_a_reminder_that_must_wait_counts_from_when_it_is_taken(case: Case) -> None:
    case.office.mailer.failure = MailUnavailable("451")
    with pytest.raises(MailUnavailable):
        await case.work(REMINDER)
    assert (await case.approval()).presumed_at is None
    case.office.mailer.failure = None
    later = REMINDER + timedelta(hours=5)
    await case.work(later)
    assert (await case.approval()).presumed_at == hours_after(later, 24)


async def test_a_reminder_to_somebody_who_is_gone_starts_no_countdown(case: Case) -> None:
    await case.office.change(case.customer, state="inactive")
    assert await case.work(REMINDER) == []
    assert (await case.history())[-1][0] == "approval.reminder_failed"
    assert (await case.approval()).presumed_at is None


async def test_telling_twice_starts_one_countdown(case: Case) -> None:
    await case.work(REMINDER)
    case.at(REMINDER + timedelta(hours=3))
    await case.office.repeat()
    assert (await case.approval()).presumed_at == PRESUMED
    assert len(case.office.mailer.sent) == 1


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_a_word_of_the_customer_stops_the_countdown(case: Case, visibility: str) -> None:
    await case.work(REMINDER)
    case.at(REMINDER + timedelta(hours=2))
    await case.office.write(
        case.customer,
        case.ticket,
        "We are still trying.",
        visibility=visibility,  # type: ignore[arg-type]
    )
    await case.work(PRESUMED + timedelta(days=60))
    assert await case.status() == "att_godkanna"
    assert (await case.history())[-1][0] == "approval.countdown_stopped"


async def test_a_colleagues_word_is_a_word_of_the_customer(case: Case) -> None:
    admin = await case.office.customer(case.organization, "Company admin", role="company_admin")
    await case.work(REMINDER)
    await case.office.write(admin, case.ticket, "Wait for us, please.")
    assert (await case.approval()).presumed_at is None


async def test_an_agents_next_public_word_begins_the_wait_anew(case: Case) -> None:
    await case.work(REMINDER)
    tuesday = REMINDER + timedelta(hours=2)
    case.at(tuesday)
    await case.office.write(case.customer, case.ticket, "What about Fridays?")
    await case.office.write(case.agent, case.ticket, "Ask the developer", visibility="internal")
    assert (await case.approval()).remind_at is None
    await case.office.write(case.agent, case.ticket, "On Fridays as well.")
    await case.office.nobody_is_told()
    again = REMINDER + timedelta(days=8)
    assert (await case.approval()).remind_at == again
    assert await case.work(again - timedelta(minutes=1)) == []
    (mail,) = await case.work(again)
    assert "EXT-1001" in mail.text
    await case.work(hours_after(again, 24))
    assert await case.status() == "avslutat"
    assert [name for name, _ in await case.history()] == [
        "approval.asked",
        "approval.reminded",
        "approval.countdown_started",
        "approval.countdown_stopped",
        "approval.reminder_armed",
        "approval.reminded",
        "approval.countdown_started",
        "approval.decided",
    ]


async def test_a_word_before_the_reminder_holds_it_back_too(case: Case) -> None:
    await case.office.write(case.customer, case.ticket, "We look at it next week.")
    await case.office.nobody_is_told()
    assert await case.work(REMINDER + timedelta(days=30)) == []


async def test_a_reminder_that_a_word_overtook_counts_no_more(case: Case) -> None:
    case.at(REMINDER)
    await case.ring()
    await case.office.write(case.customer, case.ticket, "We are at it.")
    await case.office.tell()
    assert (await case.approval()).presumed_at is None


async def test_an_agents_word_alone_changes_nothing(case: Case) -> None:
    await case.work(REMINDER)
    await case.office.write(case.agent, case.ticket, "Have you had time?")
    assert (await case.approval()).presumed_at == PRESUMED


async def test_nobody_is_reminded_of_what_fell_away(case: Case) -> None:
    await case.office.move(case.agent, case.ticket, "start")
    await case.office.nobody_is_told()
    assert await case.work(REMINDER + timedelta(days=30)) == []
    assert (await case.approval()).cancelled_because == "moved_on"


async def test_a_question_of_an_agents_own_is_never_answered_by_silence(case: Case) -> None:
    await case.decide(case.customer, "tested_ok")
    asked = Question(text="May we?", asked=Asked(people=(case.customer,)))
    await case.ask(asked)
    await case.office.nobody_is_told()
    assert await case.work(REMINDER + timedelta(days=90)) == []
    assert (await case.approval()).state == "pending"


async def test_a_case_whose_customer_is_gone_is_not_asked_about(case: Case) -> None:
    gone = await case.office.customer(case.organization, "Leaver", role="member")
    ticket = await case.office.open(gone, type="question", subject="Who is there?")
    await case.office.move(case.agent, ticket, "start")
    await case.office.change(gone, state="inactive")
    await case.office.write(case.agent, ticket, "Mended.", transition="ask_approval")
    case.ticket = ticket
    assert await case.approval() is None
    assert await case.history() == [
        (
            "approval.not_asked",
            {"definition_version": 1, "policy": "resolution", "found": 0, "needed": 1},
        )
    ]
