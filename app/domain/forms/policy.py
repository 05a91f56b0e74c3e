"""Which forms are offered to whom: by side, role and department. Pure."""

from collections.abc import Collection, Iterator

from app.domain.forms.problems import FormNotFound
from app.domain.tenants.definition import Definition, Form, TicketType
from app.domain.tenants.definition.base import Side
from app.kernel.problems import Fault, Invalid, not_a_choice


def may_use(form: Form, side: Side, roles: Collection[str], unseen: Collection[str] = ()) -> bool:
    """Whether somebody on `side` with `roles` is offered the form; forms of departments that are
    `unseen` by them are not."""
    return (
        not form.retired
        and side in form.offered_to
        and form.department not in unseen
        and (not form.roles or not set(form.roles).isdisjoint(roles))
    )


def may_open(kind: TicketType, side: Side) -> bool:
    """Whether tickets of this type are opened by somebody on `side`."""
    return not kind.retired and side in kind.offered_to


def forms_offered(
    definition: Definition, side: Side, roles: Collection[str], unseen: Collection[str] = ()
) -> tuple[Form, ...]:
    """The forms offered to somebody, in the order of the definition."""
    return tuple(form for form in definition.forms if may_use(form, side, roles, unseen))


def form_offered(
    definition: Definition,
    key: str,
    side: Side,
    roles: Collection[str],
    unseen: Collection[str] = (),
) -> Form:
    """The form of this key. Raises `FormNotFound` where it is not there or not offered."""
    form = definition.form_of.get(key)
    if form is None or not may_use(form, side, roles, unseen):
        raise FormNotFound
    return form


def choose_form(
    definition: Definition,
    *,
    form_key: str | None,
    type_key: str | None,
    side: Side,
    roles: Collection[str],
    unseen: Collection[str] = (),
) -> Form:
    """The form a new ticket is asked by, where its input names a form, a type, or both.

    A type alone is asked by its own `form`, else by the first one offered that opens it. Raises
    `Invalid` with a pointer to what cannot be used."""
    offered = forms_offered(definition, side, roles, unseen)
    if form_key is not None:
        chosen = next((form for form in offered if form.key == form_key), None)
        if chosen is None:
            raise Invalid(faults=(not_a_choice("/form"),))
        return chosen
    if type_key is None:
        raise Invalid(faults=(Fault("required", "Name a form or a type.", "/type"),))
    kind = definition.type_of.get(type_key)
    fitting = [form for form in offered if type_key in form.types]
    if kind is None or not may_open(kind, side) or not fitting:
        raise Invalid(faults=(not_a_choice("/type"),))
    return next((form for form in fitting if form.key == kind.form), fitting[0])


def form_of_ticket(definition: Definition, *, form_key: str | None, type_key: str) -> Form:
    """The form that an existing ticket is held to, whoever looks at it.

    The one it was opened with where that still opens its type; else the type's own. A change of
    type (S2-7) therefore brings the form of the new type."""
    opening = [form for form in definition.forms if type_key in form.types]
    own = definition.type_of[type_key].form
    for wanted in (form_key, own):
        found = next((form for form in opening if form.key == wanted), None)
        if found:
            return found
    active = [form for form in opening if not form.retired]
    return (active or opening or list(definition.forms))[0]


def hidden_fields(
    definition: Definition, side: Side, *, form_key: str | None, type_key: str
) -> frozenset[str]:
    """The fields that a ticket's form does not show to a side."""
    form = form_of_ticket(definition, form_key=form_key, type_key=type_key)
    return frozenset(field.key for field in form.fields if side not in field.visible_to)


def forms_hiding(definition: Definition, side: Side, field: str) -> Iterator[tuple[str, str]]:
    """The form and type of all tickets that do not show this field to a side."""
    for form in definition.forms:
        for kind in definition.types:
            if field in hidden_fields(definition, side, form_key=form.key, type_key=kind.key):
                yield form.key, kind.key
