"""The portal definition as a document: the models of all its parts, and nothing that acts."""

from app.domain.tenants.definition.base import Flaw, Key, Keyed, Labels, Language, Named, Path
from app.domain.tenants.definition.catalogue import (
    Category,
    Department,
    Priority,
    Service,
    Severity,
    Status,
    Team,
    TicketType,
)
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.forms import (
    STANDARD,
    Choice,
    Clause,
    Condition,
    Form,
    FormField,
    Page,
)
from app.domain.tenants.definition.workflow import Role, Transition, Workflow

__all__ = [
    "STANDARD",
    "Category",
    "Choice",
    "Clause",
    "Condition",
    "Definition",
    "Department",
    "Flaw",
    "Form",
    "FormField",
    "Key",
    "Keyed",
    "Labels",
    "Language",
    "Named",
    "Page",
    "Path",
    "Priority",
    "Role",
    "Service",
    "Severity",
    "Status",
    "Team",
    "TicketType",
    "Transition",
    "Workflow",
]
