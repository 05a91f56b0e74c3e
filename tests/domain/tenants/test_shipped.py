"""The five portals the product ships: right, in two languages, and what their guides say."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from app.access.permissions import SHIPPED_ROLES
from app.domain.tenants.checks.roles import permissions_of
from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.base import Language
from app.domain.tenants.demo import load_demo_people
from app.domain.tenants.loading import load
from app.domain.tenants.problems import DefinitionError
from app.domain.tenants.schema import PORTALS, SCHEMA_FILE, schema
from app.kernel.locale import LANGUAGES

SLUGS = ("crm-service", "extend", "sensedesk", "skill", "tvox")


def portal(slug: str) -> Definition:
    return load(PORTALS / f"{slug}.yaml")


def test_the_five_portals_are_shipped() -> None:
    assert tuple(sorted(file.stem for file in PORTALS.glob("*.yaml"))) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_a_shipped_definition_is_right_and_named_as_its_portal(slug: str) -> None:
    assert portal(slug).portal.slug == slug


@pytest.mark.parametrize("slug", SLUGS)
def test_demo_people_stand_for_every_role_in_two_organizations(slug: str) -> None:
    definition = portal(slug)
    demo = load_demo_people(PORTALS / "demo" / f"{slug}.yaml", definition)
    assert len(demo.organizations) == 2
    assert {person.role for person in demo.people} == set(definition.role_of)
    for organization in demo.organizations:
        held = {person.role for person in demo.people if person.organization == organization.key}
        assert held == {role.key for role in definition.roles if role.side == "customer"}


def test_demo_people_who_do_not_fit_are_told_with_their_line(tmp_path: Path) -> None:
    written = (PORTALS / "demo" / "crm-service.yaml").read_text(encoding="utf-8")
    file = tmp_path / "crm-service.yaml"
    file.write_text(written.replace("role: lead", "role: perus"), encoding="utf-8")
    line = next(n for n, text in enumerate(written.splitlines(), 1) if "role: lead" in text)
    with pytest.raises(DefinitionError, match=rf"yaml:{line}: people\[8\]\.role: there is no"):
        load_demo_people(file, portal("crm-service"))


def test_the_json_schema_is_what_the_models_say() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema(), "run: skranke portal schema"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_json_schema_accepts_the_shipped_definitions(slug: str) -> None:
    written = yaml.safe_load((PORTALS / f"{slug}.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(json.loads(schema())).validate(written)


def test_a_definition_may_use_the_languages_the_product_speaks() -> None:
    assert Language.__args__ == LANGUAGES  # type: ignore[attr-defined]


def test_crm_service_has_the_three_categories_and_severity_10_not_in_sla() -> None:  # S3-12, S3-13
    crm = portal("crm-service")
    assert [kind.labels["en"] for kind in crm.types] == ["Support", "Bug", "Work Order"]
    assert crm.severity_of["sev10"].labels["en"] == "Severity 10 – Not in SLA"
    assert crm.portal.default_language == "fi"
    assert crm.comments.order == "newest_first"  # S3-18


def test_in_crm_service_both_sides_may_hand_over_to_the_crm_team_with_a_comment() -> None:  # S3-17
    crm = portal("crm-service")
    move = crm.transition_of["ask_crm_team"]
    assert move.labels["en"] == "Waiting respond from the CRM-team"
    assert {crm.role_of[role].side for role in move.who} == {"customer", "agent"}
    assert move.on_comment
    assert crm.status_of[move.to].category == "open"


def test_crm_services_two_kinds_of_user_differ_in_reach() -> None:  # S3-4 to S3-6
    crm = portal("crm-service")
    basic, main = (permissions_of(crm.role_of[key]) for key in ("perus", "paakayttaja"))
    assert basic == set(SHIPPED_ROLES["member"].permissions)
    assert main - basic >= {"tickets:update:organization", "tickets:comment:organization"}


def test_each_portal_takes_tickets_in_its_own_ways() -> None:
    channels = {slug: set(portal(slug).portal.intake_channels) for slug in SLUGS}
    assert channels["extend"] == {"portal"}  # S2-1
    assert "portal" not in channels["tvox"]  # S4-16
    assert channels["sensedesk"] >= {"portal", "mail"}  # S1-26


def test_sensedesk_keeps_hr_to_itself() -> None:  # S1-21, S1-22
    sensedesk = portal("sensedesk")
    hr = sensedesk.department_of["hr"]
    assert hr.confidential
    assert hr.link_only_mails
    assert len([form for form in sensedesk.forms if form.department == "hr"]) > 1


def test_extend_charges_for_all_but_technical_faults_and_says_so() -> None:  # S2-6
    kinds = portal("extend").types
    assert [kind.key for kind in kinds if not kind.billable] == ["technical_fault"]
    assert all(kind.billable_notice for kind in kinds if kind.billable)


def test_extend_offers_two_yeses_and_a_no_and_presumes_after_a_day() -> None:  # S2-15, S2-18
    (policy,) = portal("extend").approval_policies
    assert [(verb.key, verb.outcome) for verb in policy.verbs] == [
        ("tested_ok", "granted"),
        ("approved", "granted"),
        ("rejected", "refused"),
    ]
    assert policy.presumption is not None
    assert policy.presumption.hours_after_reminder == 24


def test_tvox_counts_in_the_colours_of_its_guide() -> None:  # S4-9
    statuses = portal("tvox").statuses
    assert [(each.labels["it"], each.category) for each in statuses] == [
        ("Nuovo", "new"),
        ("Aperto", "open"),
        ("Pending", "waiting_customer"),
        ("Chiuso", "closed"),
    ]


def test_skill_leaves_severity_open_and_takes_proposals() -> None:  # S0-22, S0-31
    skill = portal("skill")
    assert not skill.form_of["sak"].field_of["severity"].required
    assert skill.type_of["change_request"].default_severity is None
    assert skill.sign_in.local.demo_only
