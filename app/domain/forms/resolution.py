"""The result of resolving a form, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.tenants.definition import STANDARD, Form, FormField, Page, TicketType
from app.kernel.problems import Fault, Invalid


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page with the fields asked on it; `page` is `None` in a form without pages."""

    page: Page | None
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a form asks and decides with a set of answers."""

    form: Form
    #: The type as answered, or the only one the form opens; `None` while it is open.
    type: TicketType | None
    pages: tuple[ShownPage, ...]
    required: frozenset[str]
    #: For fields with choices: the keys left to choose from, in order.
    allowed: Mapping[str, tuple[str, ...]]
    #: Values the answers decide, whatever was given.
    forced: Mapping[str, Any]
    #: Every value that holds, given, forced or by default: what is to be kept.
    values: Mapping[str, Any]
    faults: tuple[Fault, ...]

    @property
    def billable(self) -> bool:
        """Whether the ticket would be charged for (S2-6)."""
        return self.type is not None and self.type.billable

    @property
    def custom(self) -> dict[str, Any]:
        """Values of the form's own fields: what a ticket keeps in `fields`."""
        return {key: value for key, value in self.values.items() if key not in STANDARD}

    def accepted(self) -> "Resolution":
        """The resolution itself; raises `Invalid` where there are faults."""
        if self.faults:
            raise Invalid(faults=self.faults)
        return self
