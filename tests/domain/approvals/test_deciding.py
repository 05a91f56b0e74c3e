"""Exactly one decision is final, whoever decides and however many at once."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.domain.approvals.deciding import decide
from app.domain.approvals.problems import AlreadyDecided, NotAnApprover, TicketMovedOn
from app.kernel.problems import Problem
from app.models.journal import EventRow
from tests.domain.approvals.people import REMINDER, Begin, Case, hours_after
from tests.domain.notifications.office import _actor

PRESUMED = hours_after(REMINDER, 24)
ADMINS = {"role": "company_admin"}


async def _answer(case: Case, person: UUID, approval: UUID, decision: str) -> str:
    """What comes of somebody's answer: the decision, or the code of its refusal."""
    try:
        async with case.office.as_system() as (session, system):
            actor = await _actor(session, system, person)
            await decide(session, actor, str(approval), decision=decision, comment="So it is.")
    except Problem as problem:
        return problem.code
    return decision


@pytest.mark.parametrize("attempt", range(3))
async def test_of_six_people_and_the_timer_one_decides(begin: Begin, attempt: int) -> None:
    case = await begin(admins=6, approvers=ADMINS)
    await case.work(REMINDER)
    approval = await case.approval()
    assert approval.presumed_at == PRESUMED
    case.at(PRESUMED)
    verbs = ("approved", "rejected", "tested_ok")
    answers = [
        _answer(case, person, approval.id, verbs[(number + attempt) % 3])
        for number, person in enumerate(case.admins)
    ]
    came = Counter(await asyncio.gather(*answers, _ring(case)))
    assert came["already-decided"] >= 5
    (final,) = [decision for decision in await case.decisions() if decision.final]
    assert len(await case.decisions()) == 1
    now = await case.approval()
    assert (now.state, now.decision) == (final.outcome, final.decision)
    ends = {"approved": "avslutat", "rejected": "pagar", "tested_ok": "produktionssatts"}
    assert await case.status() == ends[final.decision]
    assert await _moves_by_approval(case) == 1


async def _ring(case: Case) -> str:
    await case.ring()
    return "rang"


async def _moves_by_approval(case: Case) -> int:
    async with case.office.as_system() as (session, system):
        found = await session.scalars(
            select(EventRow.data).where(
                EventRow.tenant_id == system.tenant_id, EventRow.name == "ticket.status_changed"
            )
        )
        return sum(data["cause"] == "approval" for data in found)


async def test_a_decision_and_a_move_of_the_agent_at_once_are_one_of_them(case: Case) -> None:
    approval = await case.approval()

    async def move() -> str:
        await case.office.move(case.agent, case.ticket, "start")
        return "start"

    came = await asyncio.gather(
        _answer(case, case.customer, approval.id, "approved"), move(), return_exceptions=True
    )
    state = (await case.approval()).state
    if came[0] == "approved":
        assert state == "granted"
        assert await case.status() == "avslutat"
    else:
        assert (came[0], state) == ("ticket-moved-on", "cancelled")
        assert await case.status() == "pagar"


async def test_a_share_of_those_asked_must_say_yes(begin: Begin) -> None:
    case = await begin(admins=4, approvers=ADMINS, needed_percent=60)
    assert (await case.approval()).needed == 3
    for person in case.admins[:2]:
        await case.decide(person, "tested_ok")
        assert (await case.approval()).state == "pending"
    await case.decide(case.admins[2], "approved")
    approval = await case.approval()
    assert (approval.state, approval.decision) == ("granted", "approved")
    assert [decision.final for decision in await case.decisions()] == [False, False, True]


async def test_one_no_refuses(begin: Begin) -> None:
    case = await begin(admins=3, approvers=ADMINS, needed=2)
    await case.decide(case.admins[0], "approved")
    await case.decide(case.admins[1], "rejected", "Not on Fridays.")
    assert (await case.approval()).state == "refused"
    assert await case.status() == "pagar"
    with pytest.raises(AlreadyDecided):
        await case.decide(case.admins[2], "approved")


async def test_silence_speaks_only_once_all_who_are_silent_were_reached(begin: Begin) -> None:
    case = await begin(admins=2, approvers=ADMINS)
    await case.office.change(case.admins[1], state="inactive")
    assert len(await case.work(REMINDER)) == 1
    assert (await case.approval()).presumed_at is None
    assert await case.work(PRESUMED) == []
    assert await case.status() == "att_godkanna"


async def test_whoever_has_answered_is_not_reminded(begin: Begin) -> None:
    case = await begin(admins=2, approvers=ADMINS, needed=2)
    await case.decide(case.admins[0], "approved")
    await case.office.nobody_is_told()
    mails = await case.work(REMINDER)
    assert await case.office.told(mails, case.admins[1])
    await case.work(PRESUMED)
    assert [each.kind for each in await case.decisions()] == ["explicit", "presumed"]
    assert await case.status() == "avslutat"


async def test_whoever_asked_for_it_may_be_kept_from_approving_it(begin: Begin) -> None:
    case = await begin(admins=2, approvers=ADMINS, exclude_requester=True)
    own = await case.another(by=case.admins[0])
    approval = await case.approval(own)
    assert await _answer(case, case.admins[0], approval.id, "approved") == NotAnApprover.code
    assert await _answer(case, case.admins[1], approval.id, "approved") == "approved"


async def test_whoever_lost_sight_of_the_ticket_decides_nothing(begin: Begin) -> None:
    case = await begin(admins=1, approvers=ADMINS)
    approval = await case.approval()
    async with case.office.as_system() as (session, _):
        await session.execute(
            text("DELETE FROM memberships WHERE person_id = :person"), {"person": case.admins[0]}
        )
    assert await _answer(case, case.admins[0], approval.id, "approved") == "approval-not-found"


async def test_a_ticket_closed_by_another_way_takes_its_question_along(case: Case) -> None:
    approval = await case.approval()
    await case.office.move(case.agent, case.ticket, "start")
    await case.office.write(case.agent, case.ticket, "Not ours.", transition="close")
    assert await _answer(case, case.customer, approval.id, "approved") == TicketMovedOn.code


@pytest.mark.parametrize(
    "change",
    ["UPDATE approval_decisions SET outcome = 'refused'", "DELETE FROM approval_decisions"],
)
async def test_decisions_are_never_changed(case: Case, change: str) -> None:
    await case.decide(case.customer, "approved")
    with pytest.raises(DBAPIError, match="permission denied"):
        async with case.office.as_system() as (session, _):
            await session.execute(text(change))
