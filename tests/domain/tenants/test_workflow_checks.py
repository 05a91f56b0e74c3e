"""Statuses, transitions and approvals of a definition: each rule finds what breaks it."""

from typing import Any

import pytest

from tests.factories.definitions import Bend, Document, add, definition, named, put, told


@pytest.mark.parametrize(
    ("bend", "mistake"),
    [
        # workflow
        (
            put("workflow", "initial_status", value="open"),
            "workflow.initial_status: this must be a status of category new",
        ),
        (
            put("workflow", "taken_status", value="waiting"),
            "workflow.taken_status: this must be a status of category open",
        ),
        (
            put("types", 0, "initial_status", value="solved"),
            "types[0].initial_status: this must be a status of category new",
        ),
        (
            put("workflow", "reopening", "to", value="closed"),
            "workflow.reopening.to: this must be a status of category open",
        ),
        (
            put("workflow", "customer_comments", 0, "statuses", value=["closed"]),
            "workflow.customer_comments[0].statuses[0]: the rule is for tickets that wait or",
        ),
        (
            add("statuses", named("newer", color="#000000", category="new")),
            "statuses[5].category: a status of category new must be the initial status of",
        ),
        (
            put("statuses", 4, "category", value="resolved"),
            "statuses: there must be a status of category closed",
        ),
        (
            add("statuses", named("lost", color="#000000", category="open")),
            "statuses[5].key: no transition ever leads to 'lost'",
        ),
        (
            put("workflow", "customer_comments", value=[]),
            "statuses[2].key: a ticket in 'waiting' can never leave it; add a transition",
        ),
        (
            put("transitions", 0, "to", value="new"),
            "transitions[0].to: no ticket becomes new again",
        ),
        (
            put("transitions", 1, "to", value="open"),
            "transitions[1].to: a transition leads to another status",
        ),
        (
            put("transitions", 0, "who", value=[]),
            "transitions[0].who: name the roles that may make this transition",
        ),
        (
            put("transitions", 0, "by", value="approval"),
            "transitions[0].by: no approval policy leads to this transition",
        ),
    ],
)
def test_what_breaks_a_rule_is_found(bend: Bend, mistake: str) -> None:
    assert any(line.startswith(mistake) for line in told(bend)), told(bend)


def approval(**more: Any) -> Document:
    return {
        **named("approval", kind="resolution"),
        "asked_in": ["solved"],
        "approvers": {"requester": True},
        "verbs": [
            named("yes", outcome="granted", transition="accept"),
            named("no", outcome="refused", transition="reject"),
        ],
        **more,
    }


def with_approval(**more: Any) -> Bend:
    def bend(written: Document) -> None:
        for key, end in (("accept", "closed"), ("reject", "open")):
            move = {**named(key), "from": ["solved"], "to": end, "by": "approval"}
            written["transitions"].append(move)
        written["calendars"] = [
            named(
                "days",
                time_zone="Europe/Oslo",
                weekdays={"mon": [{"opens": "08:00", "closes": "16:00"}]},
            )
        ]
        written["approval_policies"] = [approval(**more)]

    return bend


def test_an_approval_with_two_answers_is_right() -> None:
    assert definition(with_approval()).approval_policies[0].key == "approval"


def test_an_approval_of_a_request_may_leave_the_ticket_where_it_is() -> None:
    answers = [named("yes", outcome="granted"), named("no", outcome="refused")]

    def bend(written: Document) -> None:
        written["approval_policies"] = [approval(kind="request", verbs=answers)]

    assert definition(bend).approval_policies[0].verbs[0].transition is None


@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        ({"asked_in": ["waiting"]}, ".verbs[0].transition: 'accept' cannot be made in 'waiting'"),
        ({"approvers": {"role": "agent"}}, ".approvers.role: name a role of the customer's side"),
        (
            {"approvers": {"field": "browser"}},
            ".approvers.field: 'browser' must be a field of kind",
        ),
        (
            {
                "presumption": {
                    "remind_after_business_days": 5,
                    "verb": "no",
                    "calendar": "days",
                }
            },
            ".presumption.verb: name one of the verbs above whose outcome is granted",
        ),
        (
            {
                "verbs": [
                    named("yes", outcome="granted", transition="accept"),
                    named("well", outcome="granted", transition="close"),
                ]
            },
            ".verbs[1].transition: the transition 'close' must be made `by: approval`",
        ),
        (
            {
                "verbs": [
                    named("yes", outcome="granted"),
                    named("no", outcome="refused", transition="reject"),
                ]
            },
            ".verbs[0].transition: name the transition that this answer makes",
        ),
        ({"needed": 2, "needed_percent": 50}, ": name needed or needed_percent, not both"),
    ],
)
def test_an_approval_that_leads_nowhere_is_found(more: Document, mistake: str) -> None:
    assert any(f"approval_policies[0]{mistake}" in line for line in told(with_approval(**more)))
