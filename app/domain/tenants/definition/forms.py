"""Forms: pages, fields and the conditions between them. Resolved in `app/domain/forms`."""

from datetime import date
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from app.domain.tenants.definition.base import Key, Named, Part, Side, Texts, by_key

Kind = Literal[
    "text",
    "long_text",
    "number",
    "date",
    "choice",
    "multi_choice",
    "yes_no",
    "person",
    "service",
    "entitlement",
    "file",
]
Operator = Literal[
    "is", "is_not", "in", "not_in", "contains", "answered", "less_than", "greater_than"
]
#: What conditions compare with and force: one value, or several of a list.
Value = StrictBool | StrictInt | StrictFloat | StrictStr | tuple[StrictStr, ...]

#: Fields every ticket has: their key is fixed, and with it what they hold. They stand beside
#: `fields` in input; all other fields of a form stand inside it.
STANDARD: dict[str, Kind] = {
    "subject": "text",
    "description": "long_text",
    "type": "choice",
    "severity": "choice",
    "priority": "choice",
    "service": "service",
    "entitlement": "entitlement",
}


class Page(Named):
    """A page of a form."""

    description: Texts = Field(default_factory=dict, description="Said at the top of the page.")


class Choice(Named):
    """A value a choice field can take."""


class FormField(Named):
    """A question."""

    kind: Kind = Field(
        "text",
        description="What it holds. Not needed for fields every ticket has (subject, description,"
        " type, severity, priority, service, entitlement).",
    )
    page: Key | None = Field(None, description="Page it stands on; the first one if none is named.")
    help: Texts = Field(default_factory=dict, description="Said beside the question.")
    required: bool = Field(False, description="Whether a ticket cannot be opened without it.")
    required_on: tuple[Key, ...] = Field(
        (), description="Statuses a ticket cannot reach without it."
    )
    visible_to: tuple[Side, ...] = Field(
        ("customer", "agent"), min_length=1, description="Sides that see it."
    )
    editable_by: tuple[Side, ...] = Field(
        ("customer", "agent"), description="Sides that may answer it."
    )
    default: Value | None = Field(None, description="Answer of a new ticket where none was given.")
    min_length: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = Field(
        None, description="Fewest characters of a text."
    )
    max_length: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = Field(
        None, description="Most characters of a text (else 250, of a long text 50,000)."
    )
    minimum: StrictInt | StrictFloat | None = Field(None, description="Smallest number.")
    maximum: StrictInt | StrictFloat | None = Field(None, description="Largest number.")
    whole: bool = Field(False, description="Whether a number has no decimals.")
    earliest: date | None = Field(None, description="First date allowed.")
    latest: date | None = Field(None, description="Last date allowed.")
    choices: tuple[Choice, ...] = Field(
        (), max_length=500, description="Values of a choice or multi-choice field of its own."
    )

    @model_validator(mode="before")
    @classmethod
    def _kind_of_standard_fields(cls, data: Any) -> Any:
        if isinstance(data, dict) and "kind" not in data and data.get("key") in STANDARD:
            return {**data, "kind": STANDARD[data["key"]]}
        return data


class Clause(Part):
    """A question about one answer."""

    field: Key = Field(description="Field whose answer is looked at.")
    operator: Operator = Field(
        description="is, is_not (one value), in, not_in (a list), contains (a multi-choice),"
        " answered (true or false), less_than, greater_than (a number or a date)."
    )
    value: Value = Field(description="What the answer is compared with.")


class Condition(Part):
    """What holds while all its tests do. A field some condition shows is hidden otherwise."""

    when: tuple[Clause, ...] = Field(min_length=1, max_length=20, description="All must hold.")
    show: tuple[Key, ...] = Field((), description="Fields shown.")
    show_pages: tuple[Key, ...] = Field((), description="Pages shown.")
    require: tuple[Key, ...] = Field((), description="Fields that must be answered if shown.")
    force: dict[str, Value] = Field(
        default_factory=dict,
        description="Fields and the value they have, whatever was answered. Where several hold,"
        " the last one in the document counts.",
    )
    limit: dict[str, tuple[Key, ...]] = Field(
        default_factory=dict, description="Choice fields and the values left to choose from."
    )


class Form(Named):
    """A way to open a ticket (S1-7, S1-22 to S1-24, S2-8)."""

    description: Texts = Field(default_factory=dict, description="When to use it.")
    department: Key = Field(description="Department its tickets go to.")
    types: tuple[Key, ...] = Field(
        min_length=1, description="Types it opens. With one, nobody has to choose."
    )
    offered_to: tuple[Side, ...] = Field(
        ("customer", "agent"), min_length=1, description="Sides it is offered to."
    )
    roles: tuple[Key, ...] = Field(
        (), description="Roles it is offered to; all of them where none is named."
    )
    pages: tuple[Page, ...] = Field((), max_length=30, description="Pages, in their order.")
    fields: tuple[FormField, ...] = Field(
        min_length=1, max_length=200, description="Questions, in their order."
    )
    conditions: tuple[Condition, ...] = Field(
        (), max_length=200, description="What depends on what; may be chained, not in a circle."
    )

    @cached_property
    def field_of(self) -> dict[str, FormField]:
        """Fields that are asked, by key, in their order."""
        return by_key(field for field in self.fields if not field.retired)

    @cached_property
    def pages_shown(self) -> tuple[Page, ...]:
        """Pages there are, in their order."""
        return tuple(page for page in self.pages if not page.retired)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Keys of the fields, each after those whose answers decide it: conditions may be chained.

        Raises `graphlib.CycleError` where fields depend on each other in a circle; a definition
        that was checked has none."""
        graph: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(self.field_of, ()))
        for condition in self.conditions:
            decided = {*condition.show, *condition.force} | {
                key
                for key in self.field_of
                if self.page_of(self.field_of[key]) in condition.show_pages
            }
            for key in decided & self.field_of.keys():
                graph.add(key, *(clause.field for clause in condition.when))
        if "type" in self.field_of:
            # A type brings its own default severity and priority.
            for key in {"severity", "priority"} & self.field_of.keys():
                graph.add(key, "type")
        return tuple(graph.static_order())

    def page_of(self, field: FormField) -> str | None:
        """The page a field stands on; `None` in a form without pages."""
        return field.page or next((page.key for page in self.pages_shown), None)
