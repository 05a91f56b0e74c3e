"""Checks of roles: permissions that exist, and that are meant for their side."""

from collections.abc import Iterator

from app.access.permissions import PERMISSIONS, SHIPPED_ROLES
from app.domain.tenants.definition import Definition, Flaw, Role

#: What a customer may hold besides what reaches over his own and his organization's things.
_CUSTOMERS = frozenset(
    {
        "api_keys:create",
        "colleagues:manage",
        "organizations:read",
        "people:read",
        "tickets:create",
    }
)


def permissions_of(role: Role) -> frozenset[str]:
    """Everything a role allows: what it lists, and what the shipped role that it is `like`
    allows."""
    like = SHIPPED_ROLES[role.like].permissions if role.like else ()
    return frozenset((*like, *role.permissions))


def role_flaws(definition: Definition) -> Iterator[Flaw]:
    """Roles that name nothing known, allow nothing, or allow customers what is for agents."""
    for place, role in enumerate(definition.roles):
        if not role.retired:
            yield from _flaws_of(role, ("roles", place))
    active = [role for role in definition.roles if not role.retired]
    for side in ("customer", "agent"):
        if not any(role.side == side for role in active):
            yield Flaw(("roles",), f"there must be a role for the {side}'s side")
    yield from _of_newcomers(definition)


def _of_newcomers(definition: Definition) -> Iterator[Flaw]:
    opened = definition.sign_in.local.self_registration
    if opened is None:
        return
    at = ("sign_in", "local", "self_registration", "role")
    role = definition.role_of[opened.role]
    if role.side != "customer":
        yield Flaw(at, f"{role.key!r} is a role of the agents' side")
    elif "colleagues:manage" in permissions_of(role):
        yield Flaw(at, f"{role.key!r} manages colleagues: nobody gives that to himself")


def _flaws_of(role: Role, path: tuple[str, int]) -> Iterator[Flaw]:
    if role.like and role.like not in SHIPPED_ROLES:
        known = ", ".join(SHIPPED_ROLES)
        yield Flaw((*path, "like"), f"no role of this name is shipped; there are {known}")
        return
    if role.like and SHIPPED_ROLES[role.like].side != role.side:
        yield Flaw((*path, "like"), f"{role.like!r} is a role of the other side")
        return
    for place, permission in enumerate(role.permissions):
        at = (*path, "permissions", place)
        if permission not in PERMISSIONS:
            yield Flaw(at, f"there is no permission {permission!r}")
        elif role.side == "customer" and not _for_customers(permission):
            yield Flaw(at, f"{permission!r} is for agents only")
    if not permissions_of(role):
        yield Flaw(path, "a role allows something: say `like` or `permissions`")


def _for_customers(permission: str) -> bool:
    return permission in _CUSTOMERS or permission.endswith((":own", ":organization"))
