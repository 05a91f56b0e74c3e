"""Entries of the access report as they are shown."""

from collections.abc import Iterable
from typing import Any

from app.domain.access_report.queries import Entry
from app.models.people import Person
from app.schemas.access_report import AccessReportEntry
from app.schemas.base import OrganizationReference, PersonReference

HEAD = (
    "occurred_at",
    "kind",
    "event",
    "success",
    "person",
    "organizations",
    "by",
    "way",
    "reason",
    "network",
    "device",
    "role",
    "team",
    "taken",
)


def entry(found: Entry) -> AccessReportEntry:
    """One thing that happened."""
    event, data = found.event, found.event.data
    doer = found.doer if event.actor_id != event.subject_id else None
    return AccessReportEntry(
        id=event.id,
        kind=found.kind,  # type: ignore[arg-type]
        event=event.name,
        occurred_at=event.occurred_at,
        success=found.kind != "refusal",
        person=_reference(found.person),
        organizations=[
            OrganizationReference(id=company.id, name=company.name)
            for company in found.organizations
        ],
        by=_reference(doer),
        way=data.get("way"),
        reason=data.get("reason"),
        network=data.get("network"),
        device=data.get("device"),
        role=data.get("role"),
        organization=data.get("organization_id") or data.get("organization"),
        team=data.get("team"),
        taken=bool(data.get("taken")),
        session=data.get("session"),
        api_key=data.get("api_key") or event.api_key_id,
        app=data.get("app"),
    )


def cells(found: Entry) -> Iterable[Any]:
    """One thing that happened, as a row of a table."""
    shown = entry(found).model_dump()
    shown["person"] = found.person.name if found.person else None
    shown["by"] = shown["by"]["name"] if shown["by"] else None
    shown["organizations"] = "; ".join(company.name for company in found.organizations)
    return [shown[name] for name in HEAD]


def _reference(person: Person | None) -> PersonReference | None:
    return PersonReference(id=person.id, name=person.name) if person else None
