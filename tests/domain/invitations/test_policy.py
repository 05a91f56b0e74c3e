"""Who invites whom, and who sees which invitations."""

import pytest

from app.access.actor import Actor
from app.domain.invitations.policy import require_inviting, visible_to
from app.kernel.problems import Forbidden
from app.models.invitations import Invitation
from tests.factories.actors import ACME, GLOBEX, TENANT, agent, customer, system
from tests.factories.sight import row, seen

ROWS = {
    "acme": row(Invitation, organization_id=ACME),
    "globex": row(Invitation, organization_id=GLOBEX),
    "desk": row(Invitation, organization_id=None),
}


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (system(), set(ROWS)),
        (agent("portal_access:grant"), set(ROWS)),
        (agent("people:write", "colleagues:manage"), set()),
        (customer({ACME: ["colleagues:manage"], GLOBEX: ["portal_access:grant"]}), {"acme"}),
        (customer({GLOBEX: ["portal_access:grant"]}), set()),
        (Actor(TENANT, "elsewhere", 1), set()),  # type: ignore[arg-type]
    ],
    ids=["system", "opener", "other agent", "company admin", "member", "stray"],
)
def test_invitations_are_seen_by_whoever_could_have_sent_them(actor: Actor, sees: set[str]) -> None:
    assert seen(visible_to(actor), ROWS) == sees


OPENER = ("portal_access:grant",)


@pytest.mark.parametrize(
    ("actor", "side", "home", "lacks"),
    [
        (customer({ACME: ["colleagues:manage"]}), "customer", ACME, None),
        (customer({ACME: ["colleagues:manage"]}), "customer", GLOBEX, "colleagues:manage"),
        (customer({ACME: ["portal_access:grant"]}), "customer", ACME, "colleagues:manage"),
        (agent(), "customer", None, "portal_access:grant"),
        (agent("roles:assign"), "agent", None, "portal_access:grant"),
        (agent(*OPENER), "customer", None, None),
        (agent(*OPENER), "customer", ACME, "organizations:write"),
        (agent(*OPENER, "organizations:write"), "customer", ACME, None),
        (agent(*OPENER, "organizations:write"), "agent", None, "roles:assign"),
        (agent(*OPENER, "roles:assign"), "agent", None, None),
        (agent(*OPENER, "roles:assign"), "agent", ACME, None),
    ],
)
def test_whoever_invites_may_give_what_he_invites_to(
    actor: Actor, side: str, home: object, lacks: str | None
) -> None:
    if lacks is None:
        require_inviting(actor, side, home)  # type: ignore[arg-type]
        return
    with pytest.raises(Forbidden) as refusal:
        require_inviting(actor, side, home)  # type: ignore[arg-type]
    assert refusal.value.values == {"permission": lacks}
