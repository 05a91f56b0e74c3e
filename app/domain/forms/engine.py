"""The form engine: decides field after field in the form's own order, then checks the whole.
Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.domain.forms.conditions import decision, limits_of, required_by
from app.domain.forms.policy import may_open
from app.domain.forms.problems import forced, missing, not_asked, not_yours, refused
from app.domain.forms.resolution import Resolution, ShownPage
from app.domain.tenants.definition import STANDARD, Definition, Form, FormField, Page, TicketType
from app.domain.tenants.definition.answers import NOT_A_CHOICE, choices_of, refusal, tidy
from app.domain.tenants.definition.base import Side
from app.kernel.problems import Fault

#: What a ticket has whether or not its form asks for it.
_BESIDE = {
    key: FormField(key=key, kind=kind, labels={"en": key})
    for key, kind in STANDARD.items()
    if key not in {"subject", "type"}
}


class Engine:
    """One resolution: decides the fields in the form's order, then checks the whole."""

    def __init__(
        self,
        definition: Definition,
        form: Form,
        base: Mapping[str, Any],
        given: Mapping[str, Any],
        side: Side,
        offered: Mapping[str, Collection[str]],
        *,
        fresh: bool,
    ) -> None:
        self.definition, self.form, self.side = definition, form, side
        self.base, self.given, self.offered, self.fresh = base, dict(given), offered, fresh
        self.type_before: str | None = None
        self.reaching: str | None = None
        self.needed: frozenset[str] = frozenset()
        self.known: set[tuple[str | None, str]] = set()
        self.values: dict[str, Any] = {}
        self.forced: dict[str, Any] = {}
        self.shown: set[str] = set()
        self.faults: list[Fault] = []

    def run(self) -> Resolution:
        """Resolve the form. Call it once."""
        self._type_without_a_field()
        self._strange_answers()
        for key in self.form.order:
            self._decide(self.form.field_of[key])
        self._fields_beside_the_form()
        for key in ("severity", "priority"):
            self._default_of_type(key)
        limits = limits_of(self.form, self.values)
        self._outside(limits)
        asked = self._asked()
        return Resolution(
            form=self.form,
            type=self._type(),
            pages=tuple(self._pages(asked)),
            required=self._required(asked),
            allowed=self._allowed(asked, limits),
            forced=self.forced,
            values={key: value for key, value in self.values.items() if value is not None},
            faults=tuple(self.faults),
        )

    def _type(self) -> TicketType | None:
        return self.definition.type_of.get(self.values.get("type") or "")

    def _allowed(
        self, asked: list[FormField], limits: Mapping[str, set[str]]
    ) -> dict[str, tuple[str, ...]]:
        return {
            field.key: tuple(key for key in choices if key in limits.get(field.key, choices))
            for field in asked
            if (choices := self._choices(field)) is not None
        }

    def _type_without_a_field(self) -> None:
        """A form of one type need not ask for it."""
        if "type" not in self.form.field_of:
            only = self.form.types[0]
            if self.given.pop("type", only) != only:
                self.faults.append(refused("type", NOT_A_CHOICE))
            self.values["type"] = only

    def _strange_answers(self) -> None:
        """Add faults for answers to fields that are not asked, or that the caller may not
        answer."""
        for key in list(self.given):
            field = self.form.field_of.get(key)
            if field is None and key in _BESIDE and self.side == "agent":
                continue
            if field is None or self.side not in field.visible_to:
                self.faults.append(not_asked(key))
            elif self.side not in field.editable_by:
                self.faults.append(not_yours(key))
            else:
                continue
            del self.given[key]

    def _fields_beside_the_form(self) -> None:
        """Agents may classify a ticket by standard fields that its form does not ask for
        (S0-22)."""
        for key, field in _BESIDE.items():
            if key not in self.form.field_of:
                self.values[key] = self._answer(field)

    def _choices(self, field: FormField) -> tuple[str, ...] | None:
        choices = choices_of(self.definition, self.form, field)
        if field.key == "type" and choices is not None:
            types = self.definition.type_of
            choices = tuple(key for key in choices if may_open(types[key], self.side))
        narrow = self.offered.get(field.key)
        if narrow is None:
            return choices
        return tuple(narrow if choices is None else (key for key in choices if key in narrow))

    def _decide(self, field: FormField) -> None:
        key = field.key
        said = decision(self.form, key, self.values)
        if said.shown:
            self.shown.add(key)
        value = self._answer(field)
        if said.forced is not None:
            self.forced[key] = said.forced
            if not self.fresh and key in self.given and value != said.forced:
                self.faults.append(forced(key))
            value = said.forced
        elif not said.shown:
            if not self.fresh and key in self.given and value is not None:
                self.faults.append(not_asked(key))
            value = None
        elif value is None and self.fresh and key not in self.given:
            value = tidy(field, field.default)
        self.values[key] = value
        if said.shown or said.forced is not None:
            self._default_of_type(key)

    def _answer(self, field: FormField) -> Any:
        """The answer given, or the present value; nothing where the answer is not accepted."""
        if field.key not in self.given:
            return self.base.get(field.key)
        value = tidy(field, self.given[field.key])
        flaw = refusal(field, value, self._choices(field)) if value is not None else None
        if flaw:
            self.faults.append(refused(field.key, flaw))
            # Said once: a wrong answer is not a missing one as well.
            self.known.add((self.faults[-1].pointer, "required"))
            return None
        return value

    def _default_of_type(self, key: str) -> None:
        """Severity and priority follow from a type that is new to the ticket (S0-22, S2-7)."""
        kind = self._type()
        if key not in {"severity", "priority"} or kind is None or key in self.given:
            return
        if self.values.get(key) is None and (self.fresh or kind.key != self.type_before):
            self.values[key] = getattr(kind, f"default_{key}")

    def _asked(self) -> list[FormField]:
        """The fields the caller sees, in the form's order."""
        return [
            field
            for key, field in self.form.field_of.items()
            if key in self.shown and self.side in field.visible_to
        ]

    def _outside(self, limits: Mapping[str, set[str]]) -> None:
        """Add a fault for each value that the other answers do not allow."""
        for key, left in limits.items():
            value = self.values.get(key)
            chosen = value if isinstance(value, list) else [value]
            if value is not None and key not in self.forced and not left.issuperset(chosen):
                fault = refused(key, NOT_A_CHOICE)
                if (fault.pointer, fault.code) not in self.known:
                    self.faults.append(fault)

    def _required(self, asked: list[FormField]) -> frozenset[str]:
        by_condition = required_by(self.form, self.values)
        required: set[str] = set()
        for field in asked:
            if field.key in self.forced or self.side not in field.editable_by:
                continue
            moving = self.reaching in field.required_on or field.key in self.needed
            if not (field.required or field.key in by_condition or moving):
                continue
            required.add(field.key)
            concerned = self.fresh or moving or field.key in self.given or self._retyped_by_customer
            fault = missing(field.key)
            if (
                concerned
                and self.values.get(field.key) is None
                and (fault.pointer, fault.code) not in self.known
            ):
                self.faults.append(fault)
        return frozenset(required)

    @property
    def _retyped_by_customer(self) -> bool:
        """A customer who changes the type has to answer what the new form asks; an agent who does
        so (S2-7) is not asked for what only the customer knows."""
        retyped = self.type_before not in {None, self.values.get("type")}
        return retyped and self.side == "customer"

    def _pages(self, asked: list[FormField]) -> Iterator[ShownPage]:
        pages: tuple[Page | None, ...] = self.form.pages_shown or (None,)
        for page in pages:
            key = page.key if page else None
            fields = tuple(field for field in asked if self.form.page_of(field) == key)
            if fields:
                yield ShownPage(page, fields)
