"""A small portal definition to bend: two departments, both sides, a form with conditions."""

import copy
from collections.abc import Callable
from typing import Any

import yaml

from app.domain.tenants.definition import Definition
from app.domain.tenants.loading import load_text
from app.domain.tenants.problems import DefinitionError

Document = dict[str, Any]
Bend = Callable[[Document], object]


def labels(text: str) -> dict[str, str]:
    return {"nb": text, "en": text}


def named(key: str, **more: Any) -> Document:
    return {"key": key, "labels": labels(key.replace("_", " ").capitalize()), **more}


def document() -> Document:
    """A definition that is right, as the document it is written as."""
    return copy.deepcopy(_SMALL)


def definition(bend: Bend | None = None) -> Definition:
    """The small definition, bent first by `bend`; checked as any other."""
    written = document()
    if bend:
        bend(written)
    return load_text(text_of(written).encode(), "small.yaml")


def text_of(written: Document) -> str:
    """The document as YAML."""
    return yaml.dump(written, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


def told(bend: Bend) -> list[str]:
    """What is wrong with the small definition once it is bent, as `path: message`."""
    try:
        definition(bend)
    except DefinitionError as error:
        return [f"{mistake.path}: {mistake.message}" for mistake in error.mistakes]
    return []


def put(*path: Any, value: Any) -> Bend:
    """A bend that puts `value` at `path`."""

    def bend(written: Document) -> None:
        place: Any = written
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return bend


def add(section: str, item: Document) -> Bend:
    """A bend that adds `item` to a section."""
    return lambda written: written.setdefault(section, []).append(item)


def when(**parts: Any) -> Bend:
    """A bend that adds a condition to the first form."""
    return lambda written: written["forms"][0]["conditions"].append(parts)


_SMALL: Document = {
    "version": 1,
    "portal": {
        "slug": "small",
        "name": "Small desk",
        "number_prefix": "SM",
        "languages": ["nb", "en"],
        "default_language": "nb",
        "time_zone": "Europe/Oslo",
        "branding": {"logo_text": "Small", "primary_color": "#102030", "accent_color": "#405060"},
        "intake_channels": ["portal", "agent"],
    },
    "sign_in": {"local": {"enabled": True}},
    "mail": {"from_name": "Small desk", "from_address": "desk@small.example"},
    "departments": [named("desk", default_team="first_line"), named("hr", confidential=True)],
    "teams": [named("first_line", department="desk"), named("hr_team", department="hr")],
    "types": [
        named("question", departments=["desk", "hr"]),
        named("bug", departments=["desk"], default_priority="normal"),
        named("order", departments=["desk"], billable=True),
        named("matter", departments=["hr"], offered_to=["agent"]),
    ],
    "severities": [
        named("sev1", color="#aa0000"),
        named("sev2", color="#bb0000"),
        named("sev10", color="#cccccc"),
    ],
    "priorities": [named("low", color="#cccccc"), named("normal", color="#0000aa")],
    "services": [named("crm"), named("payroll", departments=["hr"])],
    "statuses": [
        named("new", color="#aaaa00", category="new"),
        named("open", color="#aa0000", category="open"),
        named("waiting", color="#0000aa", category="waiting_customer"),
        named("solved", color="#00aa00", category="resolved"),
        named("closed", color="#666666", category="closed"),
    ],
    "workflow": {
        "initial_status": "new",
        "taken_status": "open",
        "customer_comments": [{"statuses": ["waiting", "solved"], "to": "open"}],
        "reopening": {"days": 14, "to": "open"},
    },
    "transitions": [
        {**named("ask"), "from": ["new", "open"], "to": "waiting", "who": ["agent"]},
        {**named("solve"), "from": ["new", "open"], "to": "solved", "who": ["agent"]},
        {**named("close"), "from": ["open", "solved"], "to": "closed", "who": ["member", "agent"]},
    ],
    "roles": [
        named("member", side="customer", like="member"),
        named("boss", side="customer", like="company_admin"),
        named("agent", side="agent", like="agent"),
    ],
    "forms": [
        {
            **named("ticket"),
            "department": "desk",
            "types": ["question", "bug", "order"],
            "fields": [
                named("subject", required=True, max_length=60),
                named("type", required=True),
                named("severity"),
                named("priority"),
                named("service"),
                named("description"),
                named("browser", kind="text", max_length=20),
                named("amount", kind="number", minimum=1, maximum=9, whole=True),
                named("cause", kind="text", visible_to=["agent"], editable_by=["agent"]),
            ],
            "conditions": [
                {
                    "when": [{"field": "type", "operator": "is", "value": "bug"}],
                    "show": ["severity", "browser"],
                    "require": ["browser"],
                    "limit": {"severity": ["sev1", "sev2"]},
                },
                {
                    "when": [{"field": "type", "operator": "in", "value": ["question", "order"]}],
                    "force": {"severity": "sev10"},
                },
                {
                    "when": [{"field": "type", "operator": "is", "value": "order"}],
                    "show": ["amount"],
                },
            ],
        },
        {
            **named("hr_matter"),
            "department": "hr",
            "types": ["question", "matter"],
            "roles": ["boss", "agent"],
            "fields": [named("subject", required=True), named("type", required=True)],
        },
    ],
}
