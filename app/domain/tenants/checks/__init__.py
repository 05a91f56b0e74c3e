"""Validating a definition as a whole: what no single part can see. Pure; returns flaws."""

from app.domain.tenants.checks.conditions import condition_flaws
from app.domain.tenants.checks.forms import form_flaws
from app.domain.tenants.checks.policies import policy_flaws
from app.domain.tenants.checks.providers import provider_flaws
from app.domain.tenants.checks.references import reference_flaws
from app.domain.tenants.checks.roles import role_flaws
from app.domain.tenants.checks.texts import text_flaws
from app.domain.tenants.checks.workflow import workflow_flaws
from app.domain.tenants.definition import Definition, Flaw


def flaws_in(definition: Definition) -> list[Flaw]:
    """Everything wrong in `definition`; empty where it may be applied.

    Keys and references are checked first: the other checks look things up and need them to be
    right."""
    flaws = [*reference_flaws(definition), *text_flaws(definition)]
    if flaws:
        return flaws
    return [
        *role_flaws(definition),
        *provider_flaws(definition),
        *workflow_flaws(definition),
        *form_flaws(definition),
        *condition_flaws(definition),
        *policy_flaws(definition),
    ]
