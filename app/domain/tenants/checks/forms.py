"""Checks of forms: fields that can be answered, and types that can be opened."""

from collections.abc import Iterator

from app.domain.tenants.definition import STANDARD, Definition, Flaw, Form, FormField, Path
from app.domain.tenants.definition.answers import choices_of, refusal

#: What belongs to fields of certain kinds only.
_ONLY_FOR = {
    "min_length": {"text", "long_text"},
    "max_length": {"text", "long_text"},
    "minimum": {"number"},
    "maximum": {"number"},
    "whole": {"number"},
    "earliest": {"date"},
    "latest": {"date"},
    "choices": {"choice", "multi_choice"},
}
_RANGES = (("min_length", "max_length"), ("minimum", "maximum"), ("earliest", "latest"))


def form_flaws(definition: Definition) -> Iterator[Flaw]:
    """Questions without possible answers, and types no form opens."""
    for place, form in enumerate(definition.forms):
        if not form.retired:
            yield from _form(definition, form, ("forms", place))
    forms = [form for form in definition.forms if not form.retired]
    for place, kind in enumerate(definition.types):
        if kind.retired:
            continue
        if not any(kind.key in form.types for form in forms):
            yield Flaw(("types", place, "key"), f"no form opens tickets of type {kind.key!r}")
        if kind.form and kind.key not in definition.form_of[kind.form].types:
            at = ("types", place, "form")
            yield Flaw(at, f"the form {kind.form!r} does not open tickets of this type")


def _form(definition: Definition, form: Form, at: Path) -> Iterator[Flaw]:
    for place, key in enumerate(form.types):
        if form.department not in definition.type_of[key].departments:
            message = f"tickets of type {key!r} do not go to department {form.department!r}"
            yield Flaw((*at, "types", place), message)
    active = form.field_of
    if "subject" not in active:
        yield Flaw((*at, "fields"), "a form needs the field subject")
    if len(form.types) > 1 and "type" not in active:
        yield Flaw((*at, "fields"), "a form of several types needs the field type")
    pages = {page.key for page in form.pages_shown}
    for place, field in enumerate(form.fields):
        if not field.retired:
            here = (*at, "fields", place)
            if field.page and field.page not in pages:
                yield Flaw((*here, "page"), f"this form has no page {field.page!r}")
            yield from _field(definition, form, field, here)


def _field(definition: Definition, form: Form, field: FormField, at: Path) -> Iterator[Flaw]:
    standard = STANDARD.get(field.key)
    if standard and field.kind != standard:
        yield Flaw((*at, "kind"), f"the field {field.key!r} is always of kind {standard}")
        return
    if standard and field.choices:
        yield Flaw((*at, "choices"), f"the choices of {field.key!r} have a section of their own")
    if field.required and "customer" not in field.editable_by and "customer" in form.offered_to:
        message = "customers could never send this form: they may not answer this field"
        yield Flaw((*at, "required"), message)
    yield from _bounds(field, at)
    choices = choices_of(definition, form, field)
    if choices == ():
        yield Flaw(at, f"{field.key!r} offers nothing to choose from")
    if field.default is not None:
        flaw = refusal(field, field.default, choices)
        if flaw:
            message = f"{field.default!r}: {flaw.detail.format(**flaw.values)}"
            yield Flaw((*at, "default"), message)


def _bounds(field: FormField, at: Path) -> Iterator[Flaw]:
    for name, kinds in _ONLY_FOR.items():
        if getattr(field, name) not in (None, False, ()) and field.kind not in kinds:
            yield Flaw((*at, name), f"this is for fields of kind {' or '.join(sorted(kinds))}")
    for low, high in _RANGES:
        least, most = getattr(field, low), getattr(field, high)
        if least is not None and most is not None and least > most:
            yield Flaw((*at, high), f"{high} must not be less than {low}")
