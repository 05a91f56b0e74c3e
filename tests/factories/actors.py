"""Actors made by hand, for the law alone: no sign-in, no database."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from app.access.actor import Actor, Grant

TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
#: Organizations of the tenant.
ACME, GLOBEX, INITECH = UUID(int=11), UUID(int=12), UUID(int=13)
#: Whoever acts, a colleague of his, and a third person.
ME, COLLEAGUE, STRANGER = UUID(int=21), UUID(int=22), UUID(int=23)


def agent(*permissions: str, **more: Any) -> Actor:
    """An agent in one role with these permissions."""
    grants = (Grant("of_agents", frozenset(permissions)),)
    return Actor(TENANT, "agent", 1, ME, **{"grants": grants, **more})


def customer(grants: Mapping[UUID, Iterable[str]], **more: Any) -> Actor:
    """A customer with these permissions in these organizations."""
    held = tuple(Grant("of_customers", frozenset(given), home) for home, given in grants.items())
    return Actor(TENANT, "customer", 1, ME, **{"grants": held, **more})


def system() -> Actor:
    """The system of the tenant."""
    return Actor.system(TENANT)
