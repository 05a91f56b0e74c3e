"""What people are mailed about approvals, in whose language, and where its link leads."""

from collections.abc import Sequence

import pytest

from app.domain.approvals.approvers import Asked
from app.domain.approvals.asking import Question
from app.domain.tenants.actions import apply_definition
from app.domain.tenants.queries import definition_of
from app.gateways.mail import Mail
from tests.domain.approvals.people import REMINDER, Begin, Case, hours_after, mended

PRESUMED = hours_after(REMINDER, 24)
LANGUAGES = ("nb", "sv", "fi", "da", "it", "en")
_ASKED = {
    "nb": "venter på din godkjenning",
    "sv": "väntar på ditt godkännande",
    "fi": "odottaa hyväksyntääsi",
    "da": "venter på din godkendelse",
    "it": "attende la Sua approvazione",
    "en": "waits for your approval",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_is_asked_gets_one_mail_with_the_words_and_the_way_to_answer(
    case: Case, language: str
) -> None:
    await case.office.change(case.customer, language=language)
    ticket = await mended(case.office, case.customer, case.agent)
    mail = await _customers(case, await case.office.tell())
    approval = await case.approval(ticket)
    assert _ASKED[language] in mail.text
    assert "They are booked at night." in mail.text
    assert "How are returns booked?" in mail.subject
    assert f"/approvals/{approval.id}" in mail.text
    assert "EXT-1002" in mail.text
    assert mail.language == language


async def _agent(case: Case) -> str:
    return await case.office.address_of(case.agent)


async def _customers(case: Case, mails: Sequence[Mail]) -> Mail:
    """The one mail among them that goes to the customer."""
    address = await case.office.address_of(case.customer)
    (own,) = [mail for mail in mails if mail.to_address == address]
    return own


async def test_the_answers_stand_in_the_mail_in_the_tenants_own_words(case: Case) -> None:
    await case.another()
    mail = await _customers(case, await case.office.tell())
    assert "Testad ok · Godkänt · Inte godkänt" in mail.text


async def test_whoever_wants_no_mails_is_not_told_that_he_is_asked(case: Case) -> None:
    await case.office.change(case.customer, muted=True)
    await case.another()
    assert await case.office.tell() == []


async def test_colleagues_who_are_asked_and_the_requester_are_told_each_his_own(
    begin: Begin,
) -> None:
    case = await begin(admins=2, approvers={"role": "company_admin"})
    await case.another()
    told = {m.to_address: m.text for m in await case.office.tell()}
    for admin in case.admins:
        assert "väntar på ditt godkännande" in told[await case.office.address_of(admin)]
    requester = told[await case.office.address_of(case.customer)]
    assert "They are booked at night." in requester
    assert "väntar på ditt godkännande" not in requester


async def test_an_agent_hears_what_was_answered_to_his_own_question(case: Case) -> None:
    await case.decide(case.customer, "tested_ok")
    await case.office.nobody_is_told()
    await case.ask(Question(text="May we *order* it?", asked=Asked(people=(case.customer,))))
    (asked,) = await case.office.tell()
    assert "May we order it?" in asked.text
    assert "Godkänt · Inte godkänt" in asked.text
    await case.decide(case.customer, "approved")
    (mail,) = await case.office.tell()
    assert mail.to_address == await _agent(case)
    assert "Member svarade i EXT-1001: Godkänt" in mail.text
    assert "May we order it?" in mail.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_silence_that_counts_is_told_to_both_sides(case: Case, language: str) -> None:
    await case.office.change(case.customer, language=language)
    await case.office.change(case.agent, language=language)
    (reminder,) = await case.work(REMINDER)
    mails = await case.work(PRESUMED)
    assert await case.office.told(mails, case.customer, case.agent)
    own = await _customers(case, mails)
    assert "EXT-1001" in own.text
    assert "10 " in own.text
    english = language == "en"
    assert ("counts as approved" in own.text) is english
    assert ("within 24 hours" in reminder.text) is english
    assert ("Reminders come to those" in reminder.text) is english


async def test_a_sensitive_desk_keeps_the_words_out_of_its_mails(case: Case) -> None:
    async with case.office.as_system() as (session, system):
        held = await definition_of(session, system)
        desk = held.departments[0].model_copy(update={"link_only_mails": True})
        await apply_definition(session, system, held.model_copy(update={"departments": (desk,)}))
    await case.another()
    mail = await _customers(case, await case.office.tell())
    (reminder,) = await case.work(REMINDER)
    for told in (mail, reminder):
        assert "EXT-1002" in told.text
        assert "booked" not in told.text + told.subject
