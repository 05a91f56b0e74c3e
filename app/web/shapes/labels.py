"""Things of the catalogue as answers name them: label and colour, in the caller's language."""

from collections.abc import Callable
from typing import Any

from app.access.actor import Actor
from app.domain.tenants.definition.document import Definition
from app.kernel.locale import current, label
from app.schemas.base import Colored, Labelled
from app.schemas.tickets import StatusShape

#: Of what the catalogue has lost.
_GONE = "#6b7280"


def status_shape(actor: Actor, definition: Definition, key: str) -> StatusShape:
    """A status in the words of the caller's side."""
    status = definition.status_of.get(key)
    if status is None:
        return StatusShape(key=key, label=key, color=_GONE, category="open")
    place = ("status", actor.side, key, current.get())
    shape: StatusShape | None = definition.spoken.get(place)
    if shape is None:
        labels = (status.customer_labels or status.labels) if actor.is_customer else status.labels
        shape = definition.spoken[place] = StatusShape(
            key=key, label=label(labels), color=status.color, category=status.category
        )
    return shape


def cached_label(
    definition: Definition, shape: Callable[..., Any], kind: str, key: str | None
) -> Any:
    """`labelled` or `colored` of a thing of the catalogue, made once for each language."""
    if key is None:
        return None
    place = (kind, key, current.get())
    said = definition.spoken.get(place)
    if said is None:
        items = getattr(definition, kind)
        said = shape(items, key)
        if key in items:
            definition.spoken[place] = said
    return said


def labelled(items: Any, key: str | None) -> Labelled | None:
    """A thing of the catalogue by its key, also when the catalogue has lost it."""
    if key is None:
        return None
    return Labelled(key=key, label=label(items[key].labels) if key in items else key)


def colored(items: Any, key: str | None) -> Colored | None:
    """A thing of the catalogue with a colour, also when the catalogue has lost it."""
    if key is None:
        return None
    if key not in items:
        return Colored(key=key, label=key, color=_GONE)
    return Colored(key=key, label=label(items[key].labels), color=items[key].color)
