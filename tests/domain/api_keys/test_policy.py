"""Who sees which API keys."""

import pytest

from app.access.actor import Actor
from app.domain.api_keys.policy import visible_to
from app.models.api_keys import ApiKey
from tests.factories.actors import ACME, COLLEAGUE, ME, agent, customer, system
from tests.factories.sight import row, seen

ROWS = {"own": row(ApiKey, person_id=ME), "colleague's": row(ApiKey, person_id=COLLEAGUE)}


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (system(), {"own", "colleague's"}),
        (agent("api_keys:manage"), {"own", "colleague's"}),
        (agent("api_keys:create"), {"own"}),
        (customer({ACME: ["api_keys:create"]}), {"own"}),
        (agent("api_keys:create", scopes=frozenset({"tickets:create"})), set()),
    ],
    ids=["system", "keeper", "agent", "customer", "a key itself"],
)
def test_keys_are_seen_by_their_owner_in_person_and_by_who_keeps_all(
    actor: Actor, sees: set[str]
) -> None:
    assert seen(visible_to(actor), ROWS) == sees
