"""S3-13 and S3-14, on the definition that is shipped."""

from typing import Any

import pytest

from app.domain.forms.lifecycle import resolve
from app.domain.forms.policy import choose_form
from app.domain.forms.resolution import Resolution
from app.domain.tenants.definition import Definition
from app.domain.tenants.loading import load
from app.domain.tenants.schema import PORTALS
from tests.factories.forms import faults, fields


@pytest.fixture(scope="module")
def crm() -> Definition:
    return load(PORTALS / "crm-service.yaml")


def crm_ticket(crm: Definition, **answers: Any) -> Resolution:
    form = choose_form(
        crm, form_key=None, type_key=answers.get("type"), side="customer", roles={"perus"}
    )
    return resolve(
        crm, form, {"subject": "Help", "description": "Please", **answers}, side="customer"
    )


@pytest.mark.parametrize("kind", ["support", "work_order"])
@pytest.mark.parametrize("severity", [None, "sev1"])
def test_support_and_work_orders_always_have_severity_10(
    crm: Definition, kind: str, severity: str | None
) -> None:
    resolution = crm_ticket(crm, type=kind, severity=severity).accepted()
    assert resolution.values["severity"] == "sev10"
    assert "severity" not in fields(resolution)


def test_a_bug_chooses_among_the_severities_of_the_sla(crm: Definition) -> None:
    resolution = crm_ticket(crm, type="bug", severity="sev3").accepted()
    assert resolution.values["severity"] == "sev3"
    assert resolution.allowed["severity"] == tuple(f"sev{number}" for number in range(1, 10))
    assert faults(crm_ticket(crm, type="bug", severity="sev10")) == [("/severity", "not-a-choice")]


def test_priority_is_the_customers_own_whatever_the_type(crm: Definition) -> None:  # S3-14
    for kind in ("support", "bug", "work_order"):
        assert crm_ticket(crm, type=kind, priority="urgent").values["priority"] == "urgent"
