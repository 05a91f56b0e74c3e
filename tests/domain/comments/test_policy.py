"""Who writes which kind of comment, and what a closed ticket still takes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.access.actor import Actor, Grant
from app.access.permissions import SHIPPED_ROLES, Side
from app.domain.comments.policy import (
    Visibility,
    is_closed_to,
    may_comment,
    visibilities,
    visible_to,
)
from app.domain.tenants.loading import load
from app.domain.tenants.schema import PORTALS
from app.domain.tickets.queries import TicketInSight
from app.journal.events import AUDIENCE_OF
from app.kernel import clock
from app.models.tickets import Ticket

CRM = load(PORTALS / "crm-service.yaml")


def actor(side: Side, role: str, *, but: str = "") -> Actor:
    permissions = frozenset(SHIPPED_ROLES[role].permissions) - {but}
    grant = Grant(role=role, permissions=permissions)
    return Actor(
        tenant_id=uuid4(), side=side, definition_version=1, person_id=uuid4(), grants=(grant,)
    )


def test_each_side_has_its_kinds() -> None:
    assert visibilities(actor("customer", "member")) == ("public", "private")
    assert visibilities(actor("agent", "agent")) == ("public", "internal")
    assert visibilities(actor("agent", "agent", but="comments:internal")) == ("public",)


@pytest.mark.parametrize(
    ("days", "visibility", "closed"),
    [
        (None, "public", False),
        (None, "private", False),
        (None, "internal", False),
        (1, "public", False),
        (1, "private", True),
        (1, "internal", False),
        (15, "public", True),
        (15, "private", True),
        (15, "internal", False),
    ],
)
def test_a_closed_ticket_takes_notes_and_for_some_days_replies(
    days: int | None, visibility: Visibility, closed: bool
) -> None:
    ticket = Ticket(
        status_category="closed" if days else "open",
        closed_at=clock.now() - timedelta(days=days) if days else None,
    )
    assert is_closed_to(CRM, ticket, visibility) is closed


def told(who: Actor) -> tuple[str, list[object]]:
    """The rule of what somebody may read, as it is asked, and with what."""
    rule = visible_to(who).clause.compile()
    return " ".join(str(rule).split()), list(rule.params.values())


_PUBLIC_OR_OWN = (
    "comments.visibility = :visibility_1 OR"
    " comments.visibility = :visibility_2 AND comments.author_id = :author_id_1"
)


def test_customers_read_what_is_public_and_their_own_notes() -> None:
    member = actor("customer", "member")
    assert told(member) == (_PUBLIC_OR_OWN, ["public", "private", member.person_id])


def test_agents_who_note_and_the_system_read_everything() -> None:
    assert told(actor("agent", "agent")) == ("true", [])
    assert told(Actor.system(uuid4())) == ("true", [])


def test_agents_who_may_not_note_read_no_notes_of_others() -> None:
    agent = actor("agent", "agent", but="comments:internal")
    assert told(agent) == (_PUBLIC_OR_OWN, ["public", "private", agent.person_id])


@pytest.mark.parametrize(
    ("permission", "participates", "may"),
    [
        ("tickets:comment:tenant", False, True),
        ("tickets:read:tenant", False, False),
        ("tickets:update:tenant", True, False),
    ],
)
def test_agents_comment_where_they_may(permission: str, participates: bool, may: bool) -> None:
    grant = Grant("agent", frozenset({permission}))
    agent = Actor(uuid4(), "agent", 1, uuid4(), grants=(grant,))
    ticket = Ticket(department="support", organization_id=uuid4(), private=False)
    sight = TicketInSight(ticket, "", None, None, None, None, participates=participates)
    assert may_comment(agent, sight) is may


def test_whoever_takes_part_comments() -> None:
    ticket = Ticket(department="support", organization_id=uuid4(), private=False)
    for participates in (True, False):
        sight = TicketInSight(ticket, "", None, None, None, None, participates=participates)
        assert may_comment(actor("customer", "member"), sight) is participates


def test_what_happens_to_a_comment_is_heard_by_those_who_may_read_it() -> None:
    assert AUDIENCE_OF == {"public": "everyone", "internal": "agents", "private": "author"}
