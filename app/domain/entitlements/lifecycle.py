"""The pure rules of entitlements: when they run, what they cover, what is offered of them."""

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.access.permissions import Side
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.forms import Form
from app.domain.tenants.definition.policies import EntitlementTemplate
from app.kernel.locale import label
from app.models.entitlements import Entitlement


def is_running(entitlement: Entitlement, day: date) -> bool:
    """Whether tickets may be charged to it on `day`."""
    return (
        entitlement.state == "active"
        and entitlement.starts_on <= day
        and (entitlement.ends_on is None or day <= entitlement.ends_on)
    )


def covers(entitlement: Entitlement, service: str | None) -> bool:
    """Whether tickets about `service` may be charged to it; those about none always may."""
    return service is None or not entitlement.services or service in entitlement.services


def last_day(starts_on: date, months: int | None) -> date | None:
    """The last day of an agreement that lasts `months`; `None` for one without an end.

    From the 15th of January, twelve months end on the 14th of January; from the 31st of a month,
    on the last day before it comes round."""
    if months is None:
        return None
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    length = monthrange(year, month + 1)[1]
    if starts_on.day > length:
        return date(year, month + 1, length)
    return date(year, month + 1, starts_on.day) - timedelta(days=1)


def name_of(
    definition: Definition, template: str, name: str | None, language: str | None = None
) -> str:
    """The name to show: its own, else its template's, in the caller's language unless another is
    given."""
    held = template_of(definition, template)
    return name or (label(held.labels, language) if held else template)


def service_name(
    definition: Definition, service: str, template: str | None, language: str | None = None
) -> str:
    """The name of a service under an entitlement made from `template` (S4-14), or under none."""
    held = template_of(definition, template) if template else None
    own = held.service_names.get(service) if held else None
    if own:
        return label(own, language)
    known = definition.service_of.get(service)
    return label(known.labels, language) if known else service


def template_of(definition: Definition, key: str) -> EntitlementTemplate | None:
    """A template of the definition, retired ones too."""
    return next((each for each in definition.entitlement_templates if each.key == key), None)


@dataclass(frozen=True, slots=True)
class Offer:
    """What new tickets can be charged to today: the running entitlements of one organization, or of
    several while it is not said yet for which the ticket is."""

    entitlements: Sequence[Entitlement] = ()

    def narrowing(self, answers: Mapping[str, Any]) -> dict[str, Collection[str]]:
        """The values that a form's fields are limited to with these answers: the entitlements there
        are, and the services that the chosen one covers."""
        found: dict[str, Collection[str]] = {
            "entitlement": [str(each.id) for each in self.entitlements]
        }
        chosen = self.named(answers.get("entitlement"))
        if chosen is not None and chosen.services:
            found["service"] = chosen.services
        return found

    def named(self, entitlement_id: object) -> Entitlement | None:
        """The agreement of this id, where it is offered."""
        wanted = str(entitlement_id)
        return next((each for each in self.entitlements if str(each.id) == wanted), None)

    def default(self, service: str | None) -> Entitlement | None:
        """What a ticket about `service` is charged to when nothing is chosen; `None` while it might
        be the default of one organization or of another."""
        defaults = [each for each in self.entitlements if each.is_default]
        return defaults[0] if len(defaults) == 1 and covers(defaults[0], service) else None

    def answers(self, form: Form, given: Mapping[str, Any], side: Side) -> Mapping[str, Any]:
        """The answers to a new ticket's form, with the default entitlement where `side` may answer
        and has not."""
        chosen = self.default(given.get("service"))
        field = form.field_of.get("entitlement")
        if chosen is None or "entitlement" in given:
            return given
        if field is None:
            asked = side == "agent"
        else:
            asked = side in field.visible_to and side in field.editable_by
        return {**given, "entitlement": str(chosen.id)} if asked else given

    def charged(self, values: Mapping[str, Any], given: Mapping[str, Any]) -> UUID | None:
        """What a new ticket is charged to: the entitlement that its form resolved to, else the
        default, unless none was chosen explicitly."""
        if named := self.named(values.get("entitlement")):
            return named.id
        if "entitlement" in given and given["entitlement"] is None:
            return None
        chosen = self.default(values.get("service"))
        return chosen.id if chosen else None
