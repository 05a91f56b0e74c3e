"""Dashboards, as they are shown to a caller in his language."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from app.access.actor import Actor
from app.domain.dashboards import queries
from app.domain.tenants.definition.document import Definition
from app.domain.tickets.filters import TicketFilter
from app.kernel.locale import translate
from app.schemas.dashboards import (
    AgeTile,
    DeskDashboard,
    PromiseTile,
    QueueTile,
    StatusCount,
    StatusCounts,
)
from app.web.shapes.labels import status_shape

_LIST = "/v1/tickets"
_NARROWED_BY = [(each.name, each.default) for each in fields(TicketFilter)]


def counts(actor: Actor, definition: Definition, tally: queries.Tally) -> StatusCounts:
    """Figures by status, in the portal's order and in the words of the caller's side."""
    asked = _query(tally.narrowed)
    shown = (status_shape(actor, definition, key) for key in _statuses(definition, tally.by_status))
    return StatusCounts(
        by_status=[
            StatusCount(
                key=status.key,
                label=status.label,
                color=status.color,
                category=status.category,
                count=tally.by_status.get(status.key, 0),
                href=f"{_LIST}?{_of_status(status.key)}&{asked}",
            )
            for status in shown
        ],
        total=tally.total,
        href=f"{_LIST}?{asked}",
    )


@lru_cache(maxsize=1000)
def _of_status(key: str) -> str:
    return urlencode({"status": key})


def _statuses(definition: Definition, counted: Mapping[str, int]) -> Iterator[str]:
    """Those a ticket in progress can have; at their places also those that some still have."""
    for key, status in definition.status_of.items():
        if key in counted or not (status.retired or status.category == "closed"):
            yield key
    yield from sorted(counted.keys() - definition.status_of.keys())


def desk(found: queries.Desk) -> DeskDashboard:
    """What waits at an agent's desk."""
    called = _labels()
    return DeskDashboard(
        total=found.total.count,
        href=_href_of(found.total.narrowed),
        queues=[QueueTile(**_tile(tile, called)) for tile in found.queues],
        service_levels=[PromiseTile(**_tile(tile, called)) for tile in found.promises],
        ages=[AgeTile(**_tile(tile, called)) for tile in found.ages],
    )


def _tile(tile: queries.Tile, called: Mapping[str, str]) -> dict[str, Any]:
    return {
        "key": tile.key,
        "label": called[tile.key],
        "count": tile.count,
        "href": _href_of(tile.narrowed),
    }


def _labels() -> Mapping[str, str]:
    return {
        "mine": translate("Mine"),
        "my_teams": translate("My teams"),
        "unassigned": translate("Nobody has it"),
        "waiting_customer": translate("Waiting for the customer"),
        "waiting_third_party": translate("Waiting for others"),
        "breached": translate("Too late"),
        "due_soon": translate("Due soon"),
        "today": translate("Today"),
        "days_1_3": translate("1–3 days"),
        "days_4_7": translate("4–7 days"),
        "days_8_30": translate("8–30 days"),
        "older": translate("More than 30 days"),
    }


@lru_cache(maxsize=1000)
def _href_of(narrowed: TicketFilter) -> str:
    """Path and query of the list that `narrowed` makes."""
    return f"{_LIST}?{_query(narrowed)}"


def _query(narrowed: TicketFilter) -> str:
    said = [
        (name, _written(value))
        for name, default in _NARROWED_BY
        if (value := getattr(narrowed, name)) != default
    ]
    return urlencode([pair for pair in said if pair[1]], doseq=True, safe=":")


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value
