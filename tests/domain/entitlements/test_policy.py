"""Who reads which agreements."""

import pytest

from app.access.actor import Actor
from app.domain.entitlements.policy import visible_to
from app.models.entitlements import Entitlement
from tests.factories.actors import ACME, GLOBEX, INITECH, TENANT, agent, customer, system
from tests.factories.sight import row, seen

HOMES = {"acme": ACME, "globex": GLOBEX, "initech": INITECH}
ROWS = {name: row(Entitlement, organization_id=home) for name, home in HOMES.items()}


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (system(), set(HOMES)),
        (agent("organizations:read"), set(HOMES)),
        (agent("entitlements:write"), set()),
        (customer({ACME: [], GLOBEX: ["organizations:read"]}), {"acme", "globex"}),
        (customer({}), set()),
        (Actor(TENANT, "elsewhere", 1), set()),  # type: ignore[arg-type]
    ],
    ids=["system", "reader", "writer", "member of two", "of none", "stray"],
)
def test_agreements_are_read_with_their_organization(actor: Actor, sees: set[str]) -> None:
    assert seen(visible_to(actor), ROWS) == sees
