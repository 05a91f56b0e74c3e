"""Who sees which people."""

import pytest

from app.access.actor import Actor
from app.domain.people.policy import held_in, visible_to
from app.models.organizations import Membership
from app.models.people import Person
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

PEOPLE = {
    "oneself": row(Person, id=ME),
    "colleague": row(Person, id=COLLEAGUE),
    "stranger": row(Person, id=STRANGER),
}
MEMBERS = [
    row(Membership, person_id=COLLEAGUE, organization_id=ACME),
    row(Membership, person_id=STRANGER, organization_id=GLOBEX),
    row(Membership, person_id=STRANGER, organization_id=ACME, tenant_id=OTHER_TENANT),
]
KEY_OF_ACME = {"organization_id": ACME, "scopes": frozenset({"people:read"})}


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (system(), set(PEOPLE)),
        (agent("people:read"), set(PEOPLE)),
        (agent("people:write"), {"oneself"}),
        (agent("people:read", **KEY_OF_ACME), {"oneself", "colleague"}),
        (agent("people:write", **KEY_OF_ACME), {"oneself"}),
        (customer({ACME: ["colleagues:manage"]}), {"oneself", "colleague"}),
        (customer({ACME: ["people:read"], INITECH: ["colleagues:manage"]}), {"oneself"}),
        (customer({ACME: ["people:read"]}), {"oneself"}),
        (Actor(TENANT, "elsewhere", 1, ME), set()),  # type: ignore[arg-type]
    ],
    ids=[
        "system",
        "reader",
        "writer",
        "key of one organization",
        "such a key without the scope",
        "company admin",
        "company admin elsewhere",
        "member",
        "stray",
    ],
)
def test_everybody_sees_himself_and_whoever_he_may(actor: Actor, sees: set[str]) -> None:
    assert seen(visible_to(actor), PEOPLE, *MEMBERS) == sees


def test_a_member_is_found_without_asking_who_belongs_to_nothing() -> None:
    assert "memberships" not in str(visible_to(customer({ACME: []})))
    assert "memberships" in str(visible_to(customer({ACME: ["colleagues:manage"]})))


def test_what_is_held_in_an_organization_is_held_there_alone() -> None:
    actor = customer({ACME: ["tickets:create"], GLOBEX: ["colleagues:manage"]})
    assert held_in(actor, ACME) == {"tickets:create"}
    assert held_in(actor, INITECH) == frozenset()
    assert held_in(agent("people:read"), ACME) == frozenset()
