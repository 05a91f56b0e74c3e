"""Who sees who asks to be let in, who lets in, and when asking is hopeless."""

from typing import Any

import pytest

from app.access.actor import Actor
from app.domain.registrations.lifecycle import (
    DECISION_KEPT,
    LINK,
    MOST_FOR_ADDRESS,
    MOST_FROM_NETWORK,
    SWEEP_REGISTRATION,
    WAITS,
)
from app.domain.registrations.policy import (
    TO_LET_IN,
    refuse_hopeless,
    refuse_letting_in,
    visible_to,
)
from app.domain.registrations.problems import NobodyLetsIn, RegistrationClosed
from app.domain.tenants.definition.portal import SelfRegistration
from app.kernel.problems import Forbidden
from app.models.organizations import EmailDomain
from app.models.registrations import Registration
from tests.factories.actors import ACME, GLOBEX, OTHER_TENANT, agent, customer, system
from tests.factories.sight import row, seen

ROWS = {
    "acme": row(Registration, state="waiting", domain="acme.example"),
    "acme, approved": row(Registration, state="approved", domain="acme.example"),
    "acme, unconfirmed": row(Registration, state="asked", domain="acme.example"),
    "globex": row(Registration, state="waiting", domain="globex.example"),
    "unknown": row(Registration, state="waiting", domain="unknown.example"),
}
DOMAINS = [
    row(EmailDomain, domain="acme.example", organization_id=ACME),
    row(EmailDomain, domain="globex.example", organization_id=GLOBEX),
    row(EmailDomain, domain="unknown.example", organization_id=ACME, tenant_id=OTHER_TENANT),
]
CONFIRMED = set(ROWS) - {"acme, unconfirmed"}
OF_ACME = {"acme", "acme, approved"}


def opened(*let_in_by: Any) -> SelfRegistration:
    return SelfRegistration(let_in_by=let_in_by, role="member")


BY_ADMINS, BY_AGENTS = opened("company_admin"), opened("agent")
BY_BOTH = opened("agent", "company_admin")
ADMIN = customer({ACME: ["colleagues:manage"]})


@pytest.mark.parametrize(
    ("actor", "rules", "sees"),
    [
        (system(), None, set(ROWS)),
        (agent("people:write"), None, CONFIRMED),
        (agent("people:write", organization_id=ACME), BY_AGENTS, OF_ACME),
        (agent("people:read", "colleagues:manage"), BY_BOTH, set()),
        (ADMIN, BY_ADMINS, OF_ACME),
        (ADMIN, BY_AGENTS, set()),
        (ADMIN, None, set()),
        (customer({ACME: ["people:write"]}), BY_BOTH, set()),
    ],
    ids=[
        "system",
        "agent",
        "key of one organization",
        "agent who writes nobody",
        "company admin",
        "company admin who lets nobody in",
        "company admin where nobody may ask",
        "member",
    ],
)
def test_nobody_sees_an_unconfirmed_registration_and_admins_those_of_their_domains(
    actor: Actor, rules: SelfRegistration | None, sees: set[str]
) -> None:
    assert seen(visible_to(actor, rules), ROWS, *DOMAINS) == sees


@pytest.mark.parametrize(
    ("actor", "rules", "lacks"),
    [
        (agent(*TO_LET_IN), BY_BOTH, None),
        (agent(*TO_LET_IN), BY_ADMINS, RegistrationClosed),
        (agent(*TO_LET_IN), None, RegistrationClosed),
        (ADMIN, BY_BOTH, None),
        (ADMIN, BY_AGENTS, RegistrationClosed),
        (customer({GLOBEX: ["colleagues:manage"]}), BY_BOTH, "colleagues:manage"),
        (customer({ACME: TO_LET_IN}), BY_BOTH, "colleagues:manage"),
        *(
            (agent(*(each for each in TO_LET_IN if each != lacking)), BY_BOTH, lacking)
            for lacking in ("people:write", "organizations:write", "portal_access:grant")
        ),
    ],
)
def test_whoever_lets_in_may_all_that_it_takes_and_the_portal_allows_his_side(
    actor: Actor, rules: SelfRegistration | None, lacks: object
) -> None:
    if lacks is None:
        refuse_letting_in(actor, rules, ACME)
        return
    with pytest.raises(Forbidden) as refusal:
        refuse_letting_in(actor, rules, ACME)
    assert refusal.value.values.get("permission", type(refusal.value)) == lacks


def test_asking_is_hopeless_where_nobody_could_decide() -> None:
    refuse_hopeless(BY_AGENTS, known_domain=False)
    refuse_hopeless(BY_ADMINS, known_domain=True)
    with pytest.raises(NobodyLetsIn):
        refuse_hopeless(BY_ADMINS, known_domain=False)


def test_a_registration_lasts_as_long_as_is_promised_and_few_are_taken() -> None:
    assert (LINK.total_seconds(), WAITS.days, DECISION_KEPT.days) == (24 * 3600, 30, 30)
    assert (MOST_FOR_ADDRESS, MOST_FROM_NETWORK) == (3, 30)
    # Timers that are set already are found by it.
    assert SWEEP_REGISTRATION == "sweep_registration"
