"""Who counts whose tickets."""

import pytest

from app.access.actor import Actor
from app.domain.dashboards.policy import (
    organizations_counted,
    reads_as_agent,
    require_desk,
    require_organizations,
)
from app.kernel.problems import Forbidden
from tests.factories.actors import ACME, GLOBEX, INITECH, agent, customer, system

WHOLE, OWN = "tickets:read:organization", "tickets:read:own"
OF_TENANT, OF_DEPARTMENT = agent("tickets:read:tenant"), agent("tickets:read:department")
BLIND = agent("tickets:create", WHOLE)
READER = customer({ACME: [WHOLE], GLOBEX: [WHOLE], INITECH: [OWN]})
MEMBER = customer({ACME: [OWN, "tickets:read:tenant"]})


def test_agents_count_what_they_read_of_others() -> None:
    for actor, reads in ((OF_TENANT, True), (OF_DEPARTMENT, True), (BLIND, False), (MEMBER, False)):
        assert reads_as_agent(actor) is reads


@pytest.mark.parametrize(
    ("actor", "asked", "counted"),
    [
        (OF_TENANT, [], []),
        (OF_DEPARTMENT, [ACME], [ACME]),
        (BLIND, [], None),
        (BLIND, [ACME], None),
        (READER, [], [ACME, GLOBEX]),
        (READER, [GLOBEX, INITECH], [GLOBEX]),
        (READER, [INITECH], None),
        (MEMBER, [], None),
        (MEMBER, [ACME], None),
    ],
)
def test_organizations_are_counted_by_those_who_read_all_of_them(
    actor: Actor, asked: list[object], counted: list[object] | None
) -> None:
    assert organizations_counted(actor, asked) == counted  # type: ignore[arg-type]
    if counted is not None:
        assert require_organizations(actor, asked) == counted  # type: ignore[arg-type]


def test_who_counts_nothing_is_told_what_he_lacks() -> None:
    for actor, lacks in (
        (MEMBER, "tickets:read:organization"),
        (BLIND, "tickets:read:department"),
        (system(), "tickets:read:organization"),
    ):
        with pytest.raises(Forbidden) as refusal:
            require_organizations(actor)
        assert refusal.value.values == {"permission": lacks}


def test_the_desk_is_for_those_who_work_at_it() -> None:
    require_desk(OF_TENANT)
    for actor in (READER, BLIND):
        with pytest.raises(Forbidden) as refusal:
            require_desk(actor)
        assert refusal.value.values == {"permission": "tickets:read:department"}
