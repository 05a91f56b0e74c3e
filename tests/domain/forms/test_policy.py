"""Which forms are whose, and which one a new or an old ticket is held to."""

import pytest

from app.domain.forms.policy import (
    choose_form,
    form_of_ticket,
    form_offered,
    forms_hiding,
    forms_offered,
    hidden_fields,
)
from app.domain.forms.problems import FormNotFound
from app.domain.tenants.definition import Form
from app.domain.tenants.definition.base import Side
from app.domain.tenants.planning import merge
from app.kernel.problems import Invalid
from tests.factories.definitions import Document, definition


def test_forms_are_offered_by_side_and_role() -> None:
    small = definition()
    assert [form.key for form in forms_offered(small, "customer", {"member"})] == ["ticket"]
    assert [form.key for form in forms_offered(small, "customer", {"boss"})] == [
        "ticket",
        "hr_matter",
    ]


def test_a_form_that_is_not_offered_is_not_there() -> None:
    for key in ("hr_matter", "nothing"):
        with pytest.raises(FormNotFound):
            form_offered(definition(), key, "customer", {"member"})


def test_a_form_that_is_offered_is_found_by_its_key() -> None:
    small = definition()
    assert form_offered(small, "hr_matter", "customer", {"boss"}) is small.form_of["hr_matter"]


def chosen(
    form: str | None, kind: str | None, side: Side = "customer", roles: tuple[str, ...] = ("boss",)
) -> str:
    found = choose_form(definition(), form_key=form, type_key=kind, side=side, roles=roles)
    return found.key


def refused(
    form: str | None, kind: str | None, roles: tuple[str, ...] = ("boss",)
) -> list[tuple[str | None, str]]:
    with pytest.raises(Invalid) as problem:
        chosen(form, kind, roles=roles)
    return [(fault.pointer, fault.code) for fault in problem.value.faults]


def test_a_form_or_a_type_or_both_choose_the_form() -> None:
    assert chosen("hr_matter", None) == "hr_matter"
    assert chosen(None, "bug") == "ticket"
    assert chosen(None, "question") == "ticket"
    assert chosen("hr_matter", "question") == "hr_matter"
    assert chosen(None, "matter", side="agent", roles=("agent",)) == "hr_matter"


def test_a_type_may_name_its_own_form() -> None:
    def bend(written: Document) -> None:
        written["types"][0]["form"] = "hr_matter"

    small = definition(bend)
    for roles, key in (({"boss"}, "hr_matter"), ({"member"}, "ticket")):
        found = choose_form(small, form_key=None, type_key="question", side="customer", roles=roles)
        assert found.key == key


def test_what_cannot_be_used_is_told_with_its_pointer() -> None:
    assert refused("nothing", None) == [("/form", "not-a-choice")]
    assert refused("hr_matter", None, roles=("member",)) == [("/form", "not-a-choice")]
    assert refused(None, "wish") == [("/type", "not-a-choice")]
    assert refused(None, "matter") == [("/type", "not-a-choice")]  # agents open it
    assert refused(None, None) == [("/type", "required")]


def test_a_ticket_keeps_its_form_until_its_type_asks_for_another() -> None:
    small = definition()
    assert form_of_ticket(small, form_key="hr_matter", type_key="question").key == "hr_matter"
    assert form_of_ticket(small, form_key="hr_matter", type_key="bug").key == "ticket"
    assert form_of_ticket(small, form_key=None, type_key="question").key == "ticket"


def test_a_ticket_of_a_retired_form_is_held_to_it() -> None:
    def without_hr(written: Document) -> None:
        del written["forms"][1]
        del written["types"][3]

    later = merge(definition(), definition(without_hr))
    assert form_of_ticket(later, form_key="hr_matter", type_key="matter").retired
    assert forms_offered(later, "agent", {"agent"}) == (later.form_of["ticket"],)


def test_a_ticket_whose_form_is_unknown_is_held_to_one_that_is_in_use() -> None:
    small = definition()
    ticket, hr = small.forms

    def held_to(*forms: Form) -> str:
        known = small.model_copy(update={"forms": forms})
        return form_of_ticket(known, form_key="long_gone", type_key="question").key

    gone, hr_gone = (form.model_copy(update={"retired": True}) for form in (ticket, hr))
    assert held_to(ticket, hr) == "ticket"
    assert held_to(gone, hr) == "hr_matter"
    assert held_to(gone, hr_gone) == "ticket"
    orders = ticket.model_copy(update={"types": ("order",)})
    assert held_to(orders) == "ticket"  # no form opens the type any more


def test_what_a_form_shows_to_agents_alone_is_kept_from_customers() -> None:
    small = definition()
    assert hidden_fields(small, "customer", form_key="ticket", type_key="bug") == {"cause"}
    assert hidden_fields(small, "agent", form_key="ticket", type_key="bug") == frozenset()
    assert (
        hidden_fields(small, "customer", form_key="hr_matter", type_key="question") == frozenset()
    )


def test_a_field_is_kept_where_the_form_that_holds_a_ticket_keeps_it() -> None:
    small = definition()
    assert set(forms_hiding(small, "customer", "cause")) == {
        ("ticket", "question"),
        ("ticket", "bug"),
        ("ticket", "order"),
        # The other form opens neither: such a ticket is held to this one.
        ("hr_matter", "bug"),
        ("hr_matter", "order"),
    }
    assert list(forms_hiding(small, "agent", "cause")) == []
    assert list(forms_hiding(small, "customer", "subject")) == []
