"""What the chart of a dashboard says, in the caller's language and the portal's words."""

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal

from app.access.actor import Actor
from app.domain.tenants.definition.document import Definition
from app.kernel.locale import translate
from app.schemas.dashboards import Scope, StatusCounts
from app.web.charts.bars import Bar, BarChart


def of_statuses(
    actor: Actor, definition: Definition, counts: StatusCounts, *, scope: Scope, language: str
) -> BarChart:
    """Tickets in progress by status."""
    branding = definition.portal.branding
    bars = [
        Bar(each.label, each.count, format_decimal(each.count, locale=language), each.color)
        for each in counts.by_status
    ]
    total = format_decimal(counts.total, locale=language)
    figures = [translate("In all: {total}", total=total)]
    figures += [f"{bar.label}: {bar.figure}" for bar in bars]
    nothing = translate("Nothing is in progress. Enjoy the quiet!")
    return BarChart(
        name=scope,
        language=language,
        title=_tickets(definition, language),
        subtitle=_scope(actor, scope),
        total=total,
        bars=bars,
        nothing=nothing,
        description=". ".join(figures if counts.total else [nothing.rstrip("!."), *figures]) + ".",
        primary_color=branding.primary_color,
        accent_color=branding.accent_color,
        font_family=branding.font_family,
    )


def _tickets(definition: Definition, language: str) -> str:
    """The portal's own word where it has one in the caller's language (S1-4)."""
    words: Mapping[Any, str] = definition.portal.words.get("tickets", {})
    own = words.get(language)
    return f"{own[:1].upper()}{own[1:]}" if own else translate("Tickets")


def _scope(actor: Actor, scope: Scope) -> str:
    if scope == "mine":
        return translate("In progress, your own")
    if actor.is_agent:
        return translate("In progress, all you may read")
    return translate("In progress in your organization")
