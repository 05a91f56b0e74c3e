"""What the feed tells to whom: of tickets, organizations and people that he may read."""

from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select

from app.access.actor import Actor
from app.domain.changes.policy import READ, visible_to
from app.models.journal import EventRow
from app.models.organizations import Membership, Organization
from app.models.people import Person
from app.models.tickets import Ticket
from tests.factories.actors import (
    ACME,
    COLLEAGUE,
    GLOBEX,
    STRANGER,
    agent,
    customer,
    system,
)
from tests.factories.sight import found, row

IN_SUPPORT = row(Ticket, organization_id=ACME, department="support")
IN_HR = row(Ticket, organization_id=ACME, department="hr")
OF_GLOBEX = row(Ticket, organization_id=GLOBEX, department="support")
BESIDE = [
    *(IN_SUPPORT, IN_HR, OF_GLOBEX),
    *(row(Organization, id=home) for home in (ACME, GLOBEX)),
    *(row(Person, id=person) for person in (COLLEAGUE, STRANGER)),
    row(Membership, person_id=COLLEAGUE, organization_id=ACME),
]


def of(ticket: Ticket, audience: str = "everyone", **place: Any) -> EventRow:
    here = {"organization_id": ticket.organization_id, "department": ticket.department, **place}
    name = "ticket.changed"
    return row(EventRow, name=name, ticket_id=ticket.id, audience=audience, **here)


def about(name: str, subject: object, **data: Any) -> EventRow:
    return row(EventRow, name=name, subject_id=subject, audience="system", data=data)


EVENTS = {
    "ticket": of(IN_SUPPORT),
    "note": of(IN_SUPPORT, "agents"),
    "inner": of(IN_SUPPORT, "system"),
    "in hr": of(IN_HR),
    "was in hr": of(IN_SUPPORT, department="hr"),
    "was of globex": of(IN_SUPPORT, organization_id=GLOBEX),
    "of globex": of(OF_GLOBEX),
    "was of acme": of(OF_GLOBEX, organization_id=ACME),
    "acme": about("organization.changed", ACME),
    "globex": about("organization.changed", GLOBEX),
    "colleague": about("person.changed", COLLEAGUE),
    "colleague's rights": about("person.rights_changed", COLLEAGUE, organization_id=str(ACME)),
    "rights elsewhere": about("person.rights_changed", COLLEAGUE, organization_id=str(GLOBEX)),
    "stranger": about("person.changed", STRANGER),
    "a definition": about("definition.changed", None),
    "person of no row": about("person.changed", GLOBEX),
    "organization of no row": about("organization.changed", STRANGER),
    # Names do not decide alone: what happened to a ticket is told of as such.
    "named as a person": row(
        EventRow, name="person.noted", ticket_id=IN_HR.id, subject_id=COLLEAGUE, audience="system"
    ),
    "named as an organization": row(
        EventRow, name="organization.noted", ticket_id=IN_HR.id, subject_id=ACME, audience="system"
    ),
    "not of a person": about("session.started", COLLEAGUE),
    "not of an organization": about("agreement.changed", ACME),
}


def told(actor: Actor) -> set[str]:
    """What the actor is told, each event beside what it is about, as the feed asks."""
    law = visible_to(actor, EventRow)
    assert isinstance(law, ColumnElement)
    home = func.coalesce(EventRow.organization_id, EventRow.subject_id)
    asked = (
        select(EventRow.id)
        .outerjoin(Ticket, Ticket.id == EventRow.ticket_id)
        .outerjoin(Organization, Organization.id == home)
        .outerjoin(Person, Person.id == EventRow.subject_id)
        .where(law)
    )
    ids = found(asked, [*EVENTS.values(), *BESIDE])
    return {name for name, each in EVENTS.items() if each.id in ids}


TICKETS = {"ticket", "was of globex", "of globex", "was of acme"}
HR = {"in hr", "was in hr"}
ORGANIZATIONS = {"acme", "globex"}
PEOPLE = {"colleague", "colleague's rights", "rights elsewhere", "stranger"}
CLOSED = {"closed_departments": frozenset({"hr"})}
READS = "tickets:read:tenant"


@pytest.mark.parametrize(
    ("actor", "hears"),
    [
        (agent(READS, **CLOSED), TICKETS),
        (agent(READS), TICKETS | HR),
        (agent(READS, "comments:internal", **CLOSED), TICKETS | {"note"}),
        (agent(READS, **CLOSED, organization_id=ACME), {"ticket"}),
        (agent("comments:internal"), set()),
        (agent("organizations:read"), ORGANIZATIONS),
        (agent("organizations:read", organization_id=ACME), {"acme"}),
        (agent("people:read"), PEOPLE),
        (agent("people:read", organization_id=ACME), {"colleague", "colleague's rights"}),
        (customer({ACME: [READ, "tickets:read:organization", "people:read"]}), set()),
        (system(), set()),
    ],
    ids=[
        "reads tickets",
        "reads hr",
        "notes",
        "tickets of one organization",
        "notes what he cannot read",
        "reads organizations",
        "one organization",
        "reads people",
        "people of one organization",
        "customer",
        "system",
    ],
)
def test_the_feed_tells_what_could_be_read(actor: Actor, hears: set[str]) -> None:
    assert told(actor) == hears


def test_the_feed_is_for_those_who_may_follow_changes() -> None:
    assert READ == "changes:read"
