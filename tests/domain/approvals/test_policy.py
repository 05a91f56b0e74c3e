"""Who reads approvals, who asks, and in whose place somebody answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import or_

from app.access.actor import Actor
from app.domain.approvals import policy
from app.domain.tickets.queries import TicketInSight
from app.models.approvals import Approval, Approver, Decision, Substitute
from app.models.tickets import Participant, Ticket
from tests.factories.actors import (
    ACME,
    COLLEAGUE,
    GLOBEX,
    INITECH,
    ME,
    OTHER_TENANT,
    STRANGER,
    agent,
    customer,
    system,
)
from tests.factories.sight import found, row, seen

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ticket(home: object, requester: object, department: str = "support") -> Ticket:
    place = {"organization_id": home, "requester_id": requester, "department": department}
    return row(Ticket, private=False, **place)


def approval(of: Ticket, **more: Any) -> Approval:
    place = {"organization_id": of.organization_id, "requester_id": of.requester_id}
    return row(Approval, ticket_id=of.id, **place, **more)


TICKETS = {
    "own": ticket(ACME, ME),
    "colleague's": ticket(ACME, COLLEAGUE),
    "hr": ticket(ACME, COLLEAGUE, "hr"),
    "shared": ticket(GLOBEX, STRANGER),
    "globex": ticket(GLOBEX, STRANGER),
}
ELSEWHERE = row(Ticket, tenant_id=OTHER_TENANT, organization_id=ACME, requester_id=ME)
APPROVALS = {name: approval(each) for name, each in TICKETS.items()}
#: Whose ticket is another tenant's: nobody's.
STRAY = {"stray": approval(ELSEWHERE)}
BESIDE = [
    *TICKETS.values(),
    row(Participant, ticket_id=TICKETS["shared"].id, person_id=ME),
    row(Participant, ticket_id=TICKETS["globex"].id, person_id=ME, tenant_id=OTHER_TENANT),
    row(Participant, ticket_id=TICKETS["globex"].id, person_id=COLLEAGUE),
    ELSEWHERE,
]
CLOSED = {"closed_departments": frozenset({"hr"})}
ALL_OF_IT = ["tickets:read:own", "tickets:read:organization"]


@pytest.mark.parametrize(
    ("actor", "reads"),
    [
        (system(), set(APPROVALS)),
        (agent("tickets:read:tenant", **CLOSED), set(APPROVALS) - {"hr"}),
        (agent("approvals:ask"), set()),
        (customer({ACME: ["tickets:read:own"]}), {"own", "shared"}),
        (customer({ACME: ALL_OF_IT}, **CLOSED), {"own", "colleague's", "shared"}),
        (customer({ACME: []}), {"shared"}),
        (customer({INITECH: ALL_OF_IT}), {"shared"}),
    ],
    ids=["system", "agent", "agent who reads none", "member", "reader", "guest", "other reader"],
)
def test_an_approval_is_read_like_its_ticket_one_by_one_and_in_lists(
    actor: Actor, reads: set[str]
) -> None:
    assert seen(policy.visible_to(actor), APPROVALS | STRAY, *BESIDE) == reads
    assert seen(or_(*policy.branches(actor)), APPROVALS, *BESIDE) == reads


def test_a_customers_list_walks_an_index_for_each_way_of_reading() -> None:
    asker = customer({ACME: ALL_OF_IT}, **CLOSED)
    ways = [seen(way, APPROVALS, *BESIDE) for way in policy.branches(asker)]
    assert ways == [{"own"}, {"own", "colleague's"}, {"shared"}]
    assert len(policy.branches(agent("tickets:read:tenant"))) == 1


MAY_ASK = ("approvals:ask", "tickets:update:department")


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (system(), True),
        (agent(*MAY_ASK, departments=frozenset({"support"})), True),
        (agent(*MAY_ASK), False),
        (agent("tickets:update:tenant"), False),
        (agent("approvals:ask", "tickets:read:tenant"), False),
        (agent("approvals:ask", "tickets:update:tenant"), True),
        (customer({ACME: ["approvals:ask", "tickets:update:own"]}), False),
    ],
)
def test_agents_ask_about_tickets_they_may_change(actor: Actor, may: bool) -> None:
    sight = TicketInSight(TICKETS["own"], "", None, None, None, None, participates=True)
    assert policy.may_ask(actor, sight) is may


def substitute(absent: object, present: object, begin: int, end: int, **more: Any) -> Substitute:
    """Somebody who stands in from so many hours from now on, until so many hours from now."""
    span = {"starts_at": NOW + begin * HOUR, "ends_at": NOW + end * HOUR}
    return row(Substitute, person_id=absent, substitute_id=present, **span, **more)


@pytest.mark.parametrize(
    ("who", "stands_in"),
    [
        (substitute(COLLEAGUE, ME, -1, 1), True),
        (substitute(COLLEAGUE, ME, 0, 1), True),
        (substitute(COLLEAGUE, ME, -1, 0), False),
        (substitute(COLLEAGUE, ME, 1, 2), False),
        (substitute(COLLEAGUE, ME, -2, -1), False),
        (substitute(COLLEAGUE, STRANGER, -1, 1), False),
        (substitute(COLLEAGUE, ME, -1, 1, tenant_id=OTHER_TENANT), False),
    ],
    ids=["now", "from now on", "until now", "later", "before", "another", "elsewhere"],
)
def test_a_substitute_stands_in_while_somebody_is_away(who: Substitute, stands_in: bool) -> None:
    asked = policy.stood_in_for(agent(), NOW)
    assert found(asked, [who]) == ({COLLEAGUE} if stands_in else set())


QUESTIONS = {
    name: approval(TICKETS["own"])
    for name in ("mine", "answered", "answered by another", "colleague's", "stranger's", "foreign")
}


def asked(name: str, *people: object, **more: Any) -> list[Approver]:
    its_id = QUESTIONS[name].id
    return [row(Approver, approval_id=its_id, person_id=person, **more) for person in people]


def given(name: str, person: object, **more: Any) -> Decision:
    return row(Decision, approval_id=QUESTIONS[name].id, for_person_id=person, **more)


SEATS = [
    *asked("mine", ME, STRANGER),
    *asked("answered", ME),
    *asked("answered by another", ME, STRANGER),
    *asked("colleague's", COLLEAGUE),
    *asked("stranger's", STRANGER),
    *asked("foreign", ME, tenant_id=OTHER_TENANT),
    given("answered", ME),
    given("answered by another", STRANGER),
    given("mine", ME, tenant_id=OTHER_TENANT),
    substitute(COLLEAGUE, ME, -1, 1),
]
OPEN_TO_ME = {"mine", "answered by another"}


def test_one_is_asked_oneself_or_in_the_place_of_whoever_is_away() -> None:
    sees = seen(policy.asked_of(agent(), NOW), QUESTIONS, *SEATS)
    assert sees == OPEN_TO_ME | {"answered", "colleague's"}
    later = seen(policy.asked_of(agent(), NOW + HOUR), QUESTIONS, *SEATS)
    assert later == OPEN_TO_ME | {"answered"}
    assert seen(policy.asked_of(system(), NOW), QUESTIONS, *SEATS) == set(QUESTIONS) - {"foreign"}


def test_an_answer_is_waited_for_until_it_was_given() -> None:
    sees = seen(policy.waiting_for(agent(), NOW), QUESTIONS, *SEATS)
    assert sees == OPEN_TO_ME | {"colleague's"}


def test_ones_own_answer_is_still_to_come_until_it_was_given() -> None:
    def waits_for(person: object) -> set[str]:
        law = policy.unanswered_by(person)  # type: ignore[arg-type]
        return seen(law, QUESTIONS, *SEATS)

    assert waits_for(ME) == OPEN_TO_ME
    assert waits_for(COLLEAGUE) == {"colleague's"}
