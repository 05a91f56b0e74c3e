"""The law of tickets, for one ticket and for lists: who reads, comments on and changes which."""

from typing import Any, get_args

import pytest

from app.access.actor import Actor
from app.database.conditions import either
from app.domain.tickets import policy
from app.domain.tickets.policy import Verb
from app.models.tickets import Participant, Ticket
from tests.factories.actors import (
    ACME,
    COLLEAGUE,
    GLOBEX,
    INITECH,
    ME,
    OTHER_TENANT,
    STRANGER,
    TENANT,
    agent,
    customer,
    system,
)
from tests.factories.sight import row, seen


def ticket(**more: Any) -> Ticket:
    place = {"requester_id": COLLEAGUE, "organization_id": ACME, "department": "support"}
    return row(Ticket, **{"private": False, **place, **more})


TICKETS = {
    "own": ticket(requester_id=ME),
    "own private": ticket(requester_id=ME, private=True),
    "own in hr": ticket(requester_id=ME, department="hr"),
    "own from before": ticket(requester_id=ME, organization_id=INITECH),
    "colleague's": ticket(),
    "colleague's private": ticket(private=True),
    "colleague's in hr": ticket(department="hr"),
    "sales": ticket(department="sales"),
    "globex": ticket(requester_id=STRANGER, organization_id=GLOBEX),
    "shared": ticket(requester_id=STRANGER, organization_id=GLOBEX, private=True),
    "shared by others": ticket(requester_id=STRANGER, organization_id=GLOBEX),
}
TAKING_PART = (
    Participant(tenant_id=TENANT, ticket_id=TICKETS["shared"].id, person_id=ME),
    Participant(tenant_id=TENANT, ticket_id=TICKETS["shared by others"].id, person_id=COLLEAGUE),
    Participant(tenant_id=OTHER_TENANT, ticket_id=TICKETS["globex"].id, person_id=ME),
)

OWN = {"own", "own private", "own in hr"}
OF_ACME = {"own", "colleague's", "sales"}
HR = frozenset({"hr"})
DESK: dict[str, Any] = {"departments": frozenset({"support"}), "closed_departments": HR}


def people(verb: str) -> dict[str, Actor]:
    """People who may do this, and no more, as their names say."""
    own, whole = f"tickets:{verb}:own", f"tickets:{verb}:organization"
    departments, tenant = f"tickets:{verb}:department", f"tickets:{verb}:tenant"
    return {
        "nothing": customer({ACME: []}),
        "own": customer({ACME: [own]}, closed_departments=HR),
        "organization": customer({ACME: [whole]}, closed_departments=HR),
        "organization without hr": customer({ACME: [whole]}),
        "both": customer({ACME: [own, whole]}, closed_departments=HR),
        "a key for it": customer({ACME: []}, scopes=frozenset({own})),
        "a key for something else": customer({ACME: []}, scopes=frozenset({"tickets:create"})),
        "agent of nothing": agent(**DESK),
        "agent of departments": agent(departments, **DESK),
        "agent of no department": agent(departments),
        "agent of the tenant": agent(tenant, **DESK),
        "agent of all": agent(tenant),
        "stray": Actor(TENANT, "elsewhere", 1, ME),  # type: ignore[arg-type]
        "system": system(),
    }


def of(name: str, verb: str) -> Actor:
    return people(verb)[name]


#: Who may do something with which tickets; taking part lets read and comment, not change.
MAY = {
    "nothing": {"shared"},
    "own": OWN | {"shared"},
    "organization": OF_ACME | {"shared"},
    "organization without hr": OF_ACME | {"own in hr", "colleague's in hr", "shared"},
    "both": OWN | OF_ACME | {"shared"},
    "a key for it": {"shared"},
    "a key for something else": set(),
    "agent of nothing": set(),
    "agent of departments": set(TICKETS) - {"own in hr", "colleague's in hr", "sales"},
    "agent of no department": set(),
    "agent of the tenant": set(TICKETS) - {"own in hr", "colleague's in hr"},
    "agent of all": set(TICKETS),
    "stray": set(),
    "system": set(TICKETS),
}


@pytest.mark.parametrize("verb", get_args(Verb))
@pytest.mark.parametrize("name", MAY)
def test_one_ticket_may_be_read_commented_on_and_changed_by_whoever_may(
    name: str, verb: Verb
) -> None:
    actor = of(name, verb)
    asked = {
        each: policy.may(actor, verb, TICKETS[each], participates=each == "shared")
        for each in TICKETS
    }
    may = MAY[name]
    if verb == "update" and actor.is_customer:
        may = may - {"shared"}
    assert asked == {each: each in may for each in TICKETS}


@pytest.mark.parametrize("name", MAY)
def test_a_list_shows_what_may_be_read_one_by_one(name: str) -> None:
    actor = of(name, "read")
    assert seen(policy.visible_to(actor).clause, TICKETS, *TAKING_PART) == MAY[name]
    assert len(policy.branches(actor)) >= 1


def test_permission_for_another_deed_opens_nothing() -> None:
    commenting = of("own", "comment")
    assert not policy.may(commenting, "read", TICKETS["own"], participates=False)
    assert not policy.may(commenting, "update", TICKETS["own"], participates=False)
    assert seen(policy.visible_to(commenting).clause, {"own": TICKETS["own"]}) == set()


def test_each_way_of_reading_is_a_branch_with_an_index_of_its_own() -> None:
    ways = policy.branches(of("both", "read"))
    assert [seen(way.clause, TICKETS, *TAKING_PART) for way in ways] == [{"shared"}, OWN, OF_ACME]
    assert len(policy.branches(of("own", "read"))) == 2
    assert len(policy.branches(system())) == 1


def test_what_is_asked_of_the_database_names_closed_departments_only_where_there_are_some() -> None:
    open_to_all = policy.branches(of("agent of all", "read"))
    assert [str(way.clause) for way in open_to_all] == ["true"]
    (whole,) = policy.branches(customer({ACME: ["tickets:read:organization"]}, scopes=frozenset()))
    assert "department" not in str(whole.clause)


def test_an_agent_opens_no_ticket_where_he_would_not_see_it() -> None:
    departments = ("support", "sales", "hr")
    for name, unseen in (
        ("agent of departments", {"sales", "hr"}),
        ("agent of the tenant", {"hr"}),
        ("agent of nothing", set(departments)),
        ("own", set()),
        ("system", set()),
    ):
        assert policy.unseen(of(name, "read"), departments) == unseen, name


def test_what_is_ones_own_is_asked_for_or_taken_part_in_and_of_agents_assigned() -> None:
    rows = {**TICKETS, "assigned": ticket(assignee_id=ME)}
    mine = either(*policy.mine(customer({ACME: []}))).clause
    assert seen(mine, rows, *TAKING_PART) == OWN | {"own from before", "shared"}
    assert seen(either(*policy.mine(agent())).clause, rows, *TAKING_PART) == {"assigned"}


def test_from_elsewhere_comes_a_customer_of_another_organization() -> None:
    here, there = customer({ACME: []}), customer({GLOBEX: []})
    own = TICKETS["own"]
    comes = [policy.comes_from_elsewhere(who, own) for who in (here, there, agent(), system())]
    assert comes == [False, True, False, False]


def test_notes_are_for_agents_who_may_write_them() -> None:
    for actor, may in (
        (agent("comments:internal"), True),
        (agent("people:read"), False),
        (customer({ACME: ["comments:internal"]}), False),
        (system(), True),
    ):
        assert policy.may_note(actor) is may
