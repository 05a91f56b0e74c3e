"""Who reads what of the access report, and which events it is made of."""

from typing import Any

import pytest

from app.access.actor import Actor
from app.domain.access_report.lifecycle import KIND_OF, KINDS
from app.domain.access_report.policy import visible_to
from app.models.journal import EventRow
from app.models.organizations import Membership
from tests.factories.actors import (
    ACME,
    COLLEAGUE,
    GLOBEX,
    ME,
    OTHER_TENANT,
    STRANGER,
    agent,
    customer,
    system,
)
from tests.factories.sight import row, seen


def event(subject: object, **data: Any) -> EventRow:
    return row(EventRow, subject_id=subject, data=data)


EVENTS = {
    "own": event(ME),
    "own elsewhere": event(ME, organization_id=str(GLOBEX)),
    "colleague's": event(COLLEAGUE),
    "colleague's here": event(COLLEAGUE, organization_id=str(ACME)),
    "colleague's here, as keys say": event(COLLEAGUE, organization=str(ACME)),
    "colleague's elsewhere": event(COLLEAGUE, organization_id=str(GLOBEX)),
    "colleague's elsewhere, as keys say": event(COLLEAGUE, organization=str(GLOBEX)),
    "stranger's": event(STRANGER),
    "stranger's here": event(STRANGER, organization_id=str(ACME)),
}
MEMBERS = [
    row(Membership, person_id=COLLEAGUE, organization_id=ACME),
    row(Membership, person_id=STRANGER, organization_id=GLOBEX),
    row(Membership, person_id=STRANGER, organization_id=ACME, tenant_id=OTHER_TENANT),
]
OWN = {"own", "own elsewhere"}
KEY = frozenset({"tickets:create"})


@pytest.mark.parametrize(
    ("actor", "reads"),
    [
        (system(), set(EVENTS)),
        (agent("access_report:read"), set(EVENTS)),
        (agent("access_report:read", scopes=frozenset({"access_report:read"})), set(EVENTS)),
        (agent("people:read"), OWN),
        (agent("colleagues:manage"), OWN),
        (agent("people:read", scopes=KEY), set()),
        (customer({ACME: ["people:read"]}), OWN),
        (customer({ACME: []}, scopes=KEY), set()),
        (
            customer({ACME: ["colleagues:manage"]}),
            OWN | {"colleague's", "colleague's here", "colleague's here, as keys say"},
        ),
    ],
    ids=[
        "system",
        "reader",
        "key of a reader",
        "agent",
        "agent with a customer's word",
        "key of an agent",
        "member",
        "key of a member",
        "company admin",
    ],
)
def test_everybody_reads_of_himself_and_company_admins_of_their_own_people(
    actor: Actor, reads: set[str]
) -> None:
    assert seen(visible_to(actor), EVENTS, *MEMBERS) == reads


def test_the_report_is_made_of_these_events() -> None:
    assert dict(KINDS) == {
        "sign_in": ("session.started", "identity.used"),
        "refusal": ("session.refused",),
        "sign_out": ("session.ended",),
        "key_use": ("api_key.used",),
        "credential": (
            *("api_key.made", "api_key.revoked", "api_key.rotated"),
            *("app.allowed", "app.disallowed", "identity.linked", "identity.removed"),
            *("password.changed", "password.reset_asked", "program.bound", "program.unbound"),
        ),
        "right": ("person.deactivated", "person.portal_opened", "person.rights_changed"),
    }
    assert KIND_OF["app.allowed"] == "credential"
    assert set(KIND_OF) == {name for names in KINDS.values() for name in names}
