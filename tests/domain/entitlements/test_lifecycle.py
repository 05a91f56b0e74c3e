"""When agreements run, what they cover, and what a new ticket is charged to."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.commands.applying import SHIPPED
from app.domain.entitlements.lifecycle import (
    Offer,
    covers,
    is_running,
    last_day,
    name_of,
    service_name,
    template_of,
)
from app.domain.tenants.loading import load
from app.models.entitlements import Entitlement

TVOX = load(SHIPPED / "tvox.yaml")


def agreement(
    *services: str,
    default: bool = False,
    starts_on: date = date(2026, 1, 1),
    ends_on: date | None = None,
    state: str = "active",
    template: str = "base",
) -> Entitlement:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Entitlement(
        tenant_id=uuid4(),
        id=uuid4(),
        version=1,
        organization_id=uuid4(),
        template=template,
        name=None,
        sort_name="",
        services=list(services),
        starts_on=starts_on,
        ends_on=ends_on,
        is_default=default,
        state=state,
        created_at=now,
        updated_at=now,
    )


@pytest.mark.parametrize(
    ("starts_on", "months", "ends_on"),
    [
        (date(2026, 1, 15), 12, date(2027, 1, 14)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 28), 1, date(2026, 2, 27)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 10), 1, date(2027, 1, 9)),
        (date(2026, 6, 1), 600, date(2076, 5, 31)),
        (date(2026, 6, 1), None, None),
    ],
)
def test_an_agreement_ends_the_day_before_its_months_are_round(
    starts_on: date, months: int | None, ends_on: date | None
) -> None:
    assert last_day(starts_on, months) == ends_on


def test_an_agreement_runs_from_its_first_to_its_last_day_unless_ended() -> None:
    held = agreement(starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [is_running(held, day) for day in days] == [False, True, True, False]
    assert not is_running(agreement(state="ended"), date(2026, 6, 1))
    assert is_running(agreement(), date(2126, 6, 1))


def test_an_agreement_without_services_covers_all_and_every_one_covers_none() -> None:
    assert covers(agreement(), "network")
    assert covers(agreement("network"), None)
    assert not covers(agreement("network"), "phones")


def test_a_new_ticket_is_charged_to_the_default_that_covers_it() -> None:
    default, other = agreement("network", default=True), agreement()
    offer = Offer([default, other])
    assert offer.charged({"service": "network"}, {}) == default.id
    assert offer.charged({}, {}) == default.id
    assert offer.charged({"service": "phones"}, {}) is None
    assert offer.charged({"entitlement": str(other.id)}, {"entitlement": "…"}) == other.id
    assert offer.charged({}, {"entitlement": None}) is None
    assert Offer([other]).charged({}, {}) is None


def test_two_defaults_of_two_organizations_are_none_of_both() -> None:
    assert Offer([agreement(default=True), agreement(default=True)]).default(None) is None


def test_a_form_is_narrowed_to_what_is_offered_and_covered() -> None:
    held, free = agreement("network"), agreement()
    offer = Offer([held, free])
    ids = [str(held.id), str(free.id)]
    assert offer.narrowing({}) == {"entitlement": ids}
    chosen = offer.narrowing({"entitlement": str(held.id)})
    assert chosen == {"entitlement": ids, "service": ["network"]}
    assert offer.narrowing({"entitlement": str(free.id)}) == {"entitlement": ids}
    assert offer.narrowing({"entitlement": str(uuid4())}) == {"entitlement": ids}
    assert Offer().narrowing({}) == {"entitlement": []}


def test_the_default_stands_in_the_form_of_whoever_is_asked() -> None:
    tvox, crm = TVOX, load(SHIPPED / "crm-service.yaml")
    default = agreement(default=True)
    offer = Offer([default])
    filled = {"entitlement": str(default.id)}
    assert offer.answers(tvox.forms[0], {}, "customer") == filled
    assert offer.answers(tvox.forms[0], {"entitlement": None}, "customer") == {"entitlement": None}
    unasked = crm.forms[0]
    assert "entitlement" not in unasked.field_of
    assert offer.answers(unasked, {}, "customer") == {}
    assert offer.answers(unasked, {}, "agent") == filled


def test_an_id_is_named_only_where_it_is_offered() -> None:
    held = agreement()
    assert Offer([held]).named(str(held.id)) is held
    assert Offer([held]).named(UUID(str(held.id))) is held
    assert Offer([held]).named("nonsense") is None


@pytest.mark.parametrize(
    ("visible", "editable", "asked"),
    [
        (["customer", "agent"], ["customer", "agent"], True),
        (["customer", "agent"], ["agent"], False),
        (["agent"], ["customer", "agent"], False),
        (["agent"], ["agent"], False),
    ],
)
def test_somebody_is_asked_where_he_sees_the_field_and_may_answer(
    visible: list[str], editable: list[str], asked: bool
) -> None:
    form = TVOX.forms[0]
    field = form.field_of["entitlement"]
    bent = field.model_copy(update={"visible_to": visible, "editable_by": editable})
    form = form.model_copy(update={"field_of": {**form.field_of, "entitlement": bent}})
    default = agreement("rete", default=True)
    found = Offer([default]).answers(form, {"service": "rete"}, "customer")
    assert ("entitlement" in found) is asked
    assert Offer([default]).answers(form, {"service": "centralino"}, "customer") == {
        "service": "centralino"
    }


@pytest.mark.parametrize(
    ("template", "name", "language", "called"),
    [
        ("base", "Our own", "it", "Our own"),
        ("base", None, "it", "Contratto base"),
        ("base", "", "en", "Basic contract"),
        ("premium", None, "en", "Premium contract"),
        ("long_gone", None, "en", "long_gone"),
    ],
)
def test_an_agreement_is_called_by_its_own_name_else_by_its_templates(
    template: str, name: str | None, language: str, called: str
) -> None:
    assert name_of(TVOX, template, name, language) == called


@pytest.mark.parametrize(
    ("service", "template", "language", "called"),
    [
        ("centralino", "premium", "en", "Managed TVox exchange"),
        ("centralino", "premium", "it", "Centralino TVox gestito"),
        ("centralino", "base", "en", "TVox exchange"),
        ("centralino", None, "it", "Centralino TVox"),
        ("centralino", "long_gone", "en", "TVox exchange"),
        ("rete", "premium", "en", "Network and lines"),
        ("long_gone", "premium", "en", "long_gone"),
        ("long_gone", None, "en", "long_gone"),
    ],
)
def test_a_service_is_called_as_the_agreement_has_it(
    service: str, template: str | None, language: str, called: str
) -> None:  # S4-14
    assert service_name(TVOX, service, template, language) == called


def test_a_template_is_found_by_its_key() -> None:
    found = template_of(TVOX, "premium")
    assert found is not None
    assert found.key == "premium"
    assert template_of(TVOX, "long_gone") is None


def test_what_is_offered_is_not_changed_on_the_way() -> None:
    offer: Any = Offer([agreement()])
    with pytest.raises(FrozenInstanceError):
        offer.entitlements = ()
