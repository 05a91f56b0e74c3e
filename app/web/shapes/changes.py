"""Events as programs are told of them."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row

from app.models.journal import EventRow
from app.schemas.base import ExternalReference
from app.schemas.changes import Change, ChangeAuthor, ChangedThing, ChangeSubject
from app.schemas.history import ActorSide

#: What the first word of an event's name says of its subject, but for those listed here.
_ABOUT = {"ticket.participant_added": "person", "ticket.participant_removed": "person"}
#: Only for our own use.
_KEPT_BACK = frozenset({"former_address"})


def change(row: Row[Any]) -> Change:
    """An event with the references of what it is about (a row of `changes_after`)."""
    event: EventRow = row[0]
    kind = _ABOUT.get(event.name) or event.name.partition(".")[0]
    ticket = _thing(row, "ticket", event.ticket_id)
    home = event.subject_id if kind == "organization" else event.organization_id
    subject_id = event.ticket_id if kind == "ticket" else event.subject_id
    return Change(
        id=event.id,
        event=event.name,
        occurred_at=event.occurred_at,
        by=ChangeAuthor(
            side=cast("ActorSide", event.actor_side),
            person_id=event.actor_id,
            api_key_id=event.api_key_id,
        ),
        subject=ChangeSubject(
            type=kind,
            id=subject_id or event.id,
            external_ref=_reference(row, kind) if kind in _REFERENCED else None,
        ),
        ticket=ticket,
        organization=_thing(row, "organization", home),
        data={key: value for key, value in event.data.items() if key not in _KEPT_BACK},
    )


_REFERENCED = ("ticket", "organization", "person")


def _thing(row: Row[Any], noun: str, its_id: UUID | None) -> ChangedThing | None:
    return None if its_id is None else ChangedThing(id=its_id, external_ref=_reference(row, noun))


def _reference(row: Row[Any], noun: str) -> ExternalReference | None:
    source, key = (getattr(row, f"external_{noun}_{part}") for part in ("source", "key"))
    return ExternalReference(source=source, key=key) if source and key else None
