"""What an actor is, and what its grants allow where."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.access.actor import Actor, Grant
from app.access.require import RECENT, SignInAgain, require, require_recent
from app.kernel import clock
from app.kernel.problems import Forbidden
from tests.factories.actors import ACME, GLOBEX, INITECH, ME, TENANT, agent, customer, system

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: As `wall.enter` answers for a customer who has signed in himself.
ROW: dict[str, Any] = {
    "tenant": str(TENANT),
    "side": "customer",
    "definition_version": 7,
    "person": str(ME),
    "session": str(UUID(int=31)),
    "key": None,
    "app": None,
    "identity": None,
    "scopes": None,
    "organization": None,
    "grants": [
        {"role": "member", "permissions": ["tickets:create"], "organization": str(ACME)},
        {"role": "lead", "permissions": [], "organization": None},
    ],
    "departments": ["support"],
    "teams": ["first_line"],
    "closed_departments": ["hr"],
    "language": "nb",
    "must_change_password": False,
    "must_add_factor": False,
    "must_accept_terms": False,
    "signed_in_at": "2026-11-22T12:00:00+00:00",
}


def test_an_actor_is_what_the_wall_answered() -> None:
    assert Actor.from_row(ROW) == Actor(
        tenant_id=TENANT,
        side="customer",
        definition_version=7,
        person_id=ME,
        session_id=UUID(int=31),
        api_key_id=None,
        app_id=None,
        identity_id=None,
        scopes=None,
        organization_id=None,
        grants=(
            Grant("member", frozenset({"tickets:create"}), ACME),
            Grant("lead", frozenset(), None),
        ),
        departments=frozenset({"support"}),
        teams=frozenset({"first_line"}),
        closed_departments=frozenset({"hr"}),
        language="nb",
        must_change_password=False,
        must_add_factor=False,
        must_accept_terms=False,
        signed_in_at=NOON,
    )


@pytest.mark.parametrize("must", ["must_change_password", "must_add_factor", "must_accept_terms"])
def test_what_somebody_must_do_first_is_told_one_by_one(must: str) -> None:
    plain: Any = Actor.from_row(ROW)
    assert Actor.from_row({**ROW, must: True}) == replace(plain, **{must: True})


def test_whoever_acts_for_somebody_says_who_he_is_and_what_he_carries_on() -> None:
    key, app, identity = UUID(int=32), UUID(int=33), UUID(int=34)
    assert Actor.from_row({**ROW, "signed_in_at": None}).signed_in_at is None
    through = {"session": None, "key": str(key), "app": str(app), "organization": str(ACME)}
    actor = Actor.from_row({**ROW, **through, "scopes": ["tickets:create"]})
    assert (actor.session_id, actor.api_key_id, actor.app_id) == (None, key, app)
    assert Actor.from_row({**ROW, "identity": str(identity)}).identity_id == identity
    assert (actor.scopes, actor.organization_id) == (frozenset({"tickets:create"}), ACME)
    assert not Actor.from_row({**ROW, "scopes": []}).in_person  # no scope is not everything


def test_the_system_is_nobody_and_may_everything() -> None:
    at_work = Actor.system(TENANT, 3)
    assert at_work == Actor(TENANT, "system", 3)
    assert Actor.system(TENANT) == Actor(TENANT, "system", 0)
    assert at_work.may("definition:write")
    assert at_work.may("definition:write", ACME)
    with pytest.raises(TypeError, match="not a person"):
        _ = at_work.person


def test_an_actor_has_nothing_that_was_not_given() -> None:
    assert Actor(TENANT, "agent", 1) == Actor(
        tenant_id=TENANT,
        side="agent",
        definition_version=1,
        person_id=None,
        session_id=None,
        api_key_id=None,
        app_id=None,
        identity_id=None,
        scopes=None,
        organization_id=None,
        grants=(),
        departments=frozenset(),
        teams=frozenset(),
        closed_departments=frozenset(),
        language=None,
        must_change_password=False,
        must_add_factor=False,
        must_accept_terms=False,
        signed_in_at=None,
    )


def test_what_somebody_may_cannot_be_changed_on_the_way() -> None:
    actor = agent("tickets:create")
    with pytest.raises(FrozenInstanceError):
        actor.side = "system"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        actor.grants[0].permissions = frozenset({"roles:assign"})  # type: ignore[misc]


def test_somebody_stands_on_one_side_of_the_counter() -> None:
    for actor, stands in (
        (customer({}), (True, False, False)),
        (agent(), (False, True, False)),
        (system(), (False, False, True)),
    ):
        assert (actor.is_customer, actor.is_agent, actor.is_system) == stands
    assert agent().person == ME


@pytest.mark.parametrize(
    ("scopes", "carries", "in_person"),
    [
        (None, True, True),
        ((), False, False),
        (("tickets:comment:own",), True, False),
        (("tickets:read:own", "tickets:comment:tenant"), True, False),
        (("tickets:read:own", "tickets:create"), False, False),
        (("tickets:comments",), False, False),
        (("about:tickets:comment:own",), False, False),
    ],
)
def test_a_key_carries_what_one_of_its_scopes_names(
    scopes: tuple[str, ...] | None, carries: bool, in_person: bool
) -> None:
    actor = customer({}, scopes=None if scopes is None else frozenset(scopes))
    assert actor.carries("tickets:comment") is carries
    assert actor.in_person is in_person


IN_TWO = Actor(
    TENANT,
    "customer",
    1,
    ME,
    grants=(
        Grant("member", frozenset({"tickets:create", "tickets:read:own"}), ACME),
        Grant("admin", frozenset({"tickets:create", "colleagues:manage"}), GLOBEX),
    ),
)


def test_what_somebody_may_anywhere_is_all_that_he_holds() -> None:
    assert IN_TWO.permissions == {"tickets:create", "tickets:read:own", "colleagues:manage"}
    assert IN_TWO.roles == {"member", "admin"}
    assert agent().permissions == frozenset() == customer({}).permissions
    assert list(IN_TWO.organizations) == [ACME, GLOBEX]
    assert list(agent("tickets:create").organizations) == []


@pytest.mark.parametrize(
    ("permission", "anywhere", "in_acme", "in_globex", "in_initech"),
    [
        ("tickets:create", True, True, True, False),
        ("tickets:read:own", True, True, False, False),
        ("colleagues:manage", True, False, True, False),
        ("roles:assign", False, False, False, False),
    ],
)
def test_a_customers_grant_holds_in_its_organization_alone(
    permission: str, anywhere: bool, in_acme: bool, in_globex: bool, in_initech: bool
) -> None:
    assert IN_TWO.may(permission) is anywhere
    homes = {ACME: in_acme, GLOBEX: in_globex, INITECH: in_initech}
    assert {home: IN_TWO.may(permission, home) for home in homes} == homes
    assert IN_TWO.organizations_where(permission) == [home for home, may in homes.items() if may]


def test_an_agents_grant_holds_in_every_organization() -> None:
    actor = agent("people:write")
    assert actor.may("people:write")
    assert actor.may("people:write", ACME)
    assert not actor.may("people:read", ACME)
    assert actor.organizations_where("people:write") == []


def test_roles_count_where_they_are_held() -> None:
    assert IN_TWO.roles_in(ACME) == {"member"}
    assert IN_TWO.roles_in(INITECH) == frozenset()
    assert agent().roles_in(ACME) == {"of_agents"}


def test_who_may_not_is_told_which_permission_he_lacks() -> None:
    require(IN_TWO, "colleagues:manage", GLOBEX)
    require(IN_TWO, "colleagues:manage")
    with pytest.raises(Forbidden) as refusal:
        require(IN_TWO, "colleagues:manage", ACME)
    assert refusal.value.values == {"permission": "colleagues:manage"}


@pytest.fixture
def noon() -> Iterator[None]:
    """The clock stands at noon."""
    clock.set_source(lambda: NOON)
    yield
    clock.set_source(None)


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (agent(signed_in_at=NOON), True),
        (agent(signed_in_at=NOON - timedelta(minutes=15)), True),
        (agent(signed_in_at=NOON - timedelta(minutes=15, microseconds=1)), False),
        (customer({ACME: []}, signed_in_at=NOON - timedelta(days=1)), False),
        # By a clock that has been put back since.
        (agent(signed_in_at=NOON + timedelta(days=1)), False),
        (agent(), False),
        (system(), True),
    ],
    ids=["now", "just now", "a moment before", "yesterday", "tomorrow", "through a key", "system"],
)
def test_what_opens_an_account_is_changed_by_who_has_just_signed_in(
    noon: None, actor: Actor, may: bool
) -> None:
    assert timedelta(minutes=15) == RECENT
    if may:
        require_recent(actor)
        return
    with pytest.raises(SignInAgain) as refusal:
        require_recent(actor)
    assert refusal.value.values == {"minutes": 15}
    assert (refusal.value.code, refusal.value.status) == ("sign-in-again", 403)
