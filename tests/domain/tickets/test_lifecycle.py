"""The pure rules of a ticket's status."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from app.domain.tenants.definition import Definition
from app.domain.tenants.loading import load
from app.domain.tenants.schema import PORTALS
from app.domain.tickets.lifecycle import (
    ball_with,
    is_held_back,
    reopens_to,
    status_after_assignment,
    status_after_comment,
    transitions_offered,
)
from app.models.tickets import CATEGORIES
from app.schemas.tickets import Category

CRM: Definition = load(PORTALS / "crm-service.yaml")
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def test_every_category_says_whose_turn_it_is() -> None:
    turns = {category: ball_with(category) for category in CATEGORIES}
    assert turns == {
        "new": "provider",
        "open": "provider",
        "waiting_customer": "customer",
        "waiting_third_party": "third_party",
        "resolved": "customer",
        "closed": "nobody",
    }
    assert set(get_args(Category)) == set(CATEGORIES)


@pytest.mark.parametrize(
    ("status", "by_customer", "after"),
    [
        ("new", False, "in_progress"),
        ("new", True, None),
        ("in_progress", False, None),
        ("in_progress", True, None),
        ("waiting_customer", True, "waiting_crm_team"),
        ("waiting_customer", False, None),
        ("waiting_third_party", True, None),
        ("resolved", True, "waiting_crm_team"),
        ("resolved", False, None),
        ("closed", True, None),
    ],
)
def test_a_public_comment_moves_a_ticket_only_where_it_answers(
    status: str, by_customer: bool, after: str | None
) -> None:
    assert status_after_comment(CRM, status=status, by_customer=by_customer) == after


def test_an_assignment_takes_up_what_is_new_and_nothing_else() -> None:
    after = {status: status_after_assignment(CRM, status=status) for status in CRM.status_of}
    assert {status: to for status, to in after.items() if to} == {"new": "in_progress"}


@pytest.mark.parametrize(
    ("ago", "to"),
    [
        (timedelta(0), "waiting_crm_team"),
        (timedelta(days=14), "waiting_crm_team"),
        (timedelta(days=14, microseconds=1), None),
    ],
)
def test_a_closed_ticket_reopens_for_fourteen_days(ago: timedelta, to: str | None) -> None:
    assert reopens_to(CRM, closed_at=NOW - ago, now=NOW) == to


def test_a_workflow_without_reopening_never_does() -> None:
    workflow = CRM.workflow.model_copy(update={"reopening": None})
    never = CRM.model_copy(update={"workflow": workflow})
    assert reopens_to(never, closed_at=NOW, now=NOW) is None
    assert reopens_to(CRM, closed_at=None, now=NOW) is None


def test_a_transition_is_offered_by_status_type_and_role() -> None:
    def offered(status: str = "new", type_: str = "bug", *roles: str) -> set[str]:
        steps = transitions_offered(CRM, status=status, type_=type_, roles=roles)
        return {step.key for step in steps}

    assert offered("new", "bug", "perus") == {"ask_crm_team", "resolve", "close"}
    assert offered("new", "bug", "perus", "agent") == offered("new", "bug", "agent")
    assert offered("closed", "bug", "perus") == set()
    assert offered("closed", "bug", "agent") == {"reopen"}
    assert offered("new", "bug") == offered("new", "bug", "unheard_of") == set()


def test_transitions_of_other_types_of_approvals_and_of_the_past_are_not_offered() -> None:
    def without(key: str, **more: object) -> set[str]:
        steps = tuple(
            step.model_copy(update=more) if step.key == key else step for step in CRM.transitions
        )
        definition = CRM.model_copy(update={"transitions": steps})
        offered = transitions_offered(definition, status="new", type_="bug", roles=["agent"])
        return {step.key for step in offered}

    assert "close" in without("start")
    assert "close" in without("close", types=("bug",))
    assert "close" not in without("close", types=("support",))
    assert "close" not in without("close", by="approval")
    assert "close" not in without("close", retired=True)


def test_a_shut_gate_keeps_a_ticket_from_being_closed_and_from_nothing_else() -> None:
    held = {
        (to, gated): is_held_back(CRM, to=to, gated=gated)
        for to in CRM.status_of
        for gated in (True, False)
    }
    assert held == {(to, gated): gated and to == "closed" for to, gated in held}
