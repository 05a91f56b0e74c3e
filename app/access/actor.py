"""Who is acting. The second argument of every action; never a global."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from app.access.permissions import Side


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role gives, and where: in one organization (customers) or in the tenant (agents)."""

    role: str
    permissions: frozenset[str]
    organization_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system, acting in one tenant on one side of the counter.

    Where an API key acts for its owner, or an app for somebody, `api_key_id` or `app_id` says so,
    `identity_id` where a program came with a token of his directory: his grants are then those that
    its `scopes` carry on. `organization_id` is the one organization
    that a key was let in for, if any."""

    tenant_id: UUID
    side: Side | Literal["system"]
    definition_version: int
    person_id: UUID | None = None
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    app_id: UUID | None = None
    identity_id: UUID | None = None
    scopes: frozenset[str] | None = None
    organization_id: UUID | None = None
    grants: tuple[Grant, ...] = ()
    departments: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    closed_departments: frozenset[str] = frozenset()
    language: str | None = None
    must_change_password: bool = False
    must_add_factor: bool = False
    must_accept_terms: bool = False
    signed_in_at: datetime | None = None

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> "Actor":
        """The actor that `wall.enter` answered (see the migration of the wall)."""
        return cls(
            tenant_id=UUID(row["tenant"]),
            side=row["side"],
            definition_version=row["definition_version"],
            person_id=UUID(row["person"]),
            session_id=_id(row["session"]),
            api_key_id=_id(row["key"]),
            app_id=_id(row["app"]),
            identity_id=_id(row["identity"]),
            scopes=None if row["scopes"] is None else frozenset(row["scopes"]),
            organization_id=_id(row["organization"]),
            grants=tuple(
                Grant(
                    role=grant["role"],
                    permissions=frozenset(grant["permissions"]),
                    organization_id=_id(grant["organization"]),
                )
                for grant in row["grants"]
            ),
            departments=frozenset(row["departments"]),
            teams=frozenset(row["teams"]),
            closed_departments=frozenset(row["closed_departments"]),
            language=row["language"],
            must_change_password=row["must_change_password"],
            must_add_factor=row["must_add_factor"],
            must_accept_terms=row["must_accept_terms"],
            signed_in_at=row["signed_in_at"] and datetime.fromisoformat(row["signed_in_at"]),
        )

    @classmethod
    def system(cls, tenant_id: UUID, definition_version: int = 0) -> "Actor":
        """The system itself, at work in a tenant: migrations of data, timers, reactions."""
        return cls(tenant_id=tenant_id, side="system", definition_version=definition_version)

    @property
    def is_customer(self) -> bool:
        return self.side == "customer"

    @property
    def is_agent(self) -> bool:
        return self.side == "agent"

    @property
    def is_system(self) -> bool:
        return self.side == "system"

    @property
    def in_person(self) -> bool:
        """Whether somebody acts who has signed in himself, and no key or app for him."""
        return self.scopes is None

    def carries(self, deed: str) -> bool:
        """Whether what needs no permission of a person (taking part, being asked) may be done: in
        person always, through a key or an app with a scope for the `deed`, at whatever reach."""
        return self.scopes is None or any(scope.startswith(f"{deed}:") for scope in self.scopes)

    @property
    def person(self) -> UUID:
        """The person acting; the system is none and must not ask."""
        if self.person_id is None:
            raise TypeError("the system is not a person")
        return self.person_id

    @property
    def permissions(self) -> frozenset[str]:
        """Everything the actor may do somewhere."""
        return frozenset().union(*(grant.permissions for grant in self.grants))

    @property
    def roles(self) -> frozenset[str]:
        """The keys of the roles the actor holds somewhere."""
        return frozenset(grant.role for grant in self.grants)

    def roles_in(self, organization_id: UUID) -> frozenset[str]:
        """The keys of the roles the actor holds towards things of that organization."""
        return frozenset(
            grant.role for grant in self.grants if grant.organization_id in (None, organization_id)
        )

    @property
    def organizations(self) -> Sequence[UUID]:
        """The organizations the actor belongs to."""
        return [grant.organization_id for grant in self.grants if grant.organization_id]

    def may(self, permission: str, organization_id: UUID | None = None) -> bool:
        """Whether a grant holds `permission`: anywhere, or in the organization named.

        Grants of agents hold in every organization. The system may everything."""
        return self.is_system or any(
            permission in grant.permissions
            and (
                organization_id is None
                or grant.organization_id is None
                or grant.organization_id == organization_id
            )
            for grant in self.grants
        )

    def organizations_where(self, permission: str) -> list[UUID]:
        """The organizations in which the actor holds `permission`."""
        return [
            grant.organization_id
            for grant in self.grants
            if grant.organization_id and permission in grant.permissions
        ]


def _id(sent: str | None) -> UUID | None:
    return UUID(sent) if sent else None
