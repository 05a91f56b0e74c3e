"""Which answers a field of a form accepts: one set of rules for definitions and for tickets."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.forms import Form, FormField, Kind
from app.kernel.ids import parse_id

#: Most characters of a text and of a long text whose field does not say.
TEXT_LIMIT = 250
LONG_TEXT_LIMIT = 50_000
#: Most values of a multi-choice or file field.
LIST_LIMIT = 100
_NUMBER_LIMIT = 1e15
#: Control characters (Cc) and lone surrogates (Cs); a long text may have tabs and lines.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNPRINTABLE_IN_LONG = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Refusal(NamedTuple):
    """Why an answer is not accepted: a code, an English sentence, the values named in it."""

    code: str
    detail: str
    values: Mapping[str, Any] = {}


NOT_A_CHOICE = Refusal("not-a-choice", "Choose from the values allowed.")


def choices_of(definition: Definition, form: Form, field: FormField) -> tuple[str, ...] | None:
    """The keys a field offers, in order; `None` where the definition does not decide it."""
    items: Any
    match field.key:
        case "type":
            return tuple(key for key in form.types if not definition.type_of[key].retired)
        case "severity":
            items = definition.severities
        case "priority":
            items = definition.priorities
        case _ if field.kind == "service":
            items = [
                service
                for service in definition.services
                if not service.departments or form.department in service.departments
            ]
        case _ if field.kind in {"choice", "multi_choice"}:
            items = field.choices
        case _:
            return None
    return tuple(item.key for item in items if not item.retired)


def tidy(field: FormField, value: Any) -> Any:
    """The answer as it is stored: texts without surrounding blanks, an empty answer as `None`."""
    if isinstance(value, str):
        text = value.strip() if field.kind == "text" else value
        return text if text.strip() else None
    if isinstance(value, list | tuple):
        return list(value) or None
    return value


def refusal(field: FormField, value: Any, choices: tuple[str, ...] | None) -> Refusal | None:
    """Why `value` (tidy, not `None`) is no answer to `field`; `None` where it is one.

    `choices` are the keys left to choose from; `None` leaves the choice open."""
    flaw = _SHAPES[field.kind](field, value)
    if flaw or choices is None:
        return flaw
    chosen = value if isinstance(value, list | tuple) else (value,)
    if set(chosen) <= set(choices):
        return None
    return NOT_A_CHOICE


def _text(field: FormField, value: Any) -> Refusal | None:
    if not isinstance(value, str):
        return Refusal("not-a-text", "Give a text.")
    if (_UNPRINTABLE_IN_LONG if field.kind == "long_text" else _UNPRINTABLE).search(value):
        return Refusal("unprintable", "Leave out control characters.")
    most = field.max_length or (TEXT_LIMIT if field.kind == "text" else LONG_TEXT_LIMIT)
    if len(value) > most:
        return Refusal("too-long", "Use at most {most} characters.", {"most": most})
    if field.min_length and len(value.strip()) < field.min_length:
        fewest = field.min_length
        return Refusal("too-short", "Use at least {fewest} characters.", {"fewest": fewest})
    return None


def _number(field: FormField, value: Any) -> Refusal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Refusal("not-a-number", "Give a number.")
    # Written so that NaN, the infinite and whole numbers of any length are refused alike.
    if not abs(value) <= _NUMBER_LIMIT:
        return Refusal("not-a-number", "Give a number of at most 15 digits.")
    if field.whole and value != int(value):
        return Refusal("not-whole", "Give a whole number.")
    if field.minimum is not None and value < field.minimum:
        return Refusal("too-small", "Give at least {minimum}.", {"minimum": field.minimum})
    if field.maximum is not None and value > field.maximum:
        return Refusal("too-large", "Give at most {maximum}.", {"maximum": field.maximum})
    return None


def _date(field: FormField, value: Any) -> Refusal | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return _NOT_A_DATE
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return _NOT_A_DATE
    if field.earliest and day < field.earliest:
        values = {"earliest": field.earliest.isoformat()}
        return Refusal("too-early", "Give a day from {earliest} on.", values)
    if field.latest and day > field.latest:
        values = {"latest": field.latest.isoformat()}
        return Refusal("too-late", "Give a day up to {latest}.", values)
    return None


def _yes_no(_field: FormField, value: Any) -> Refusal | None:
    return None if isinstance(value, bool) else Refusal("not-yes-no", "Say true or false.")


def _key(_field: FormField, value: Any) -> Refusal | None:
    return (
        None if isinstance(value, str) else Refusal("not-a-choice", "Give the key of one choice.")
    )


def _keys(_field: FormField, value: Any) -> Refusal | None:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        return Refusal("not-a-list", "Give a list of texts.")
    if len(value) > LIST_LIMIT:
        return Refusal("too-many", "Give at most {most}.", {"most": LIST_LIMIT})
    if len(set(value)) != len(value):
        return Refusal("twice", "Give each value once.")
    return None


def _id(_field: FormField, value: Any) -> Refusal | None:
    if isinstance(value, str) and parse_id(value):
        return None
    return Refusal("not-an-id", "Give an id.")


def _ids(field: FormField, value: Any) -> Refusal | None:
    return _keys(field, value) or next((flaw for each in value if (flaw := _id(field, each))), None)


_NOT_A_DATE = Refusal("not-a-date", "Give a date as YYYY-MM-DD.")
_SHAPES: Mapping[Kind, Callable[[FormField, Any], Refusal | None]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _key,
    "service": _key,
    "multi_choice": _keys,
    "file": _ids,
    "person": _id,
    "entitlement": _id,
}
