"""Deciding what a new ticket would be, before anything is written. `opening.py` writes it; a dry
run only shows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.entitlements.lifecycle import Offer
from app.domain.entitlements.queries import offer_for
from app.domain.forms.lifecycle import resolve
from app.domain.forms.policy import choose_form
from app.domain.forms.resolution import Resolution
from app.domain.people.problems import PersonNotFound
from app.domain.people.queries import memberships_of, person_for
from app.domain.tenants.checks.roles import permissions_of
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy
from app.domain.tickets.access import Rule
from app.domain.tickets.answers import form_side
from app.domain.tickets.problems import (
    ChannelNotOffered,
    NoOrganization,
    NotForCustomers,
    OrganizationRequired,
    RequesterRequired,
)
from app.kernel.problems import Fault


@dataclass(frozen=True, slots=True)
class Opening:
    """What a ticket would be opened as. When `resolution` has faults, it would not be opened."""

    definition: Definition
    requester_id: UUID
    organization_id: UUID
    channel: str
    resolution: Resolution
    offer: Offer
    #: The agreement it would be charged to.
    entitlement_id: UUID | None

    @property
    def department(self) -> str:
        """The department that the ticket would go to."""
        return self.resolution.form.department

    @property
    def team(self) -> str | None:
        """The team that would get the ticket (S1-15)."""
        return self.definition.department_of[self.department].default_team


async def decide_opening(
    session: AsyncSession,
    actor: Actor,
    *,
    answers: Mapping[str, Any],
    form: str | None = None,
    organization_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
) -> Opening:
    """What `open_ticket` with the same input would result in. Changes nothing.

    Raises `ChannelNotOffered`, `OrganizationRequired`, `NoOrganization`, `RequesterRequired`, and
    `Invalid` where no form fits; what the form refuses is in the resolution."""
    requester_id = await _requester(session, actor, on_behalf_of)
    definition = await definition_of(session, actor)
    unseen = policy.unseen(actor, definition.department_of)
    if len(unseen) == len(definition.department_of):
        require(actor, "tickets:read:tenant")  # nobody opens a ticket they could not see
    home = await _home(session, actor, requester_id, organization_id)
    side = form_side(actor)
    chosen = choose_form(
        definition,
        form_key=form,
        type_key=answers.get("type"),
        side=side,
        roles=actor.roles_in(home),
        unseen=unseen,
    )
    channel = "agent" if actor.is_agent else "portal"
    _refuse_channel(definition, chosen.department, channel)
    offer = await offer_for(session, actor, definition, home)
    said = offer.answers(chosen, answers, side)
    resolution = resolve(definition, chosen, said, side=side, offered=offer.narrowing(said))
    charged = offer.charged(resolution.values, answers)
    return Opening(definition, requester_id, home, channel, resolution, offer, charged)


async def _requester(session: AsyncSession, actor: Actor, on_behalf_of: UUID | None) -> UUID:
    if actor.is_customer:
        if on_behalf_of is not None and on_behalf_of != actor.person_id:
            raise NotForCustomers.at("/on_behalf_of", NotForCustomers.title)
        require(actor, "tickets:create")
        return actor.person
    require(actor, "tickets:open_on_behalf")
    if on_behalf_of is None:
        raise RequesterRequired.at("/on_behalf_of", RequesterRequired.title)
    try:
        person = await person_for(session, actor, on_behalf_of)
    except PersonNotFound:
        person = None
    if person is None or person.side != "customer" or person.state == "inactive":
        raise RequesterRequired.at("/on_behalf_of", RequesterRequired.title)
    return person.id


async def _home(
    session: AsyncSession, actor: Actor, requester_id: UUID, wanted: UUID | None
) -> UUID:
    if actor.is_customer:
        possible = actor.organizations_where("tickets:create")
    else:
        belongs = await memberships_of(session, actor, requester_id)
        possible = [company.id for _, company in belongs if company.state == "active"]
    if not possible and actor.is_agent:
        fault = Fault(
            "no-organization", "This person belongs to no active organization.", "/on_behalf_of"
        )
        raise RequesterRequired(faults=(fault,))
    if not possible:
        raise NoOrganization
    if wanted is not None:
        if wanted not in possible:
            raise OrganizationRequired.at("/organization", OrganizationRequired.title)
        return wanted
    if len(possible) > 1:
        raise OrganizationRequired.at("/organization", OrganizationRequired.title)
    return possible[0]


def _refuse_channel(definition: Definition, department: str, channel: str) -> None:
    offered = definition.channels(department)
    if channel not in offered:
        raise ChannelNotOffered(
            portal=definition.portal.slug, channels=", ".join(sorted(offered)) or "-"
        )


def rules_of_sight(opening: Opening, *, private: bool) -> list[Rule]:
    """By which rules people could see the ticket (see `access.py`): the rules of `policy.py`,
    applied to the roles there are."""
    definition = opening.definition
    confidential = definition.department_of[opening.department].confidential
    found: list[Rule] = ["requester"]
    roles = [(role.side, permissions_of(role)) for role in definition.roles if not role.retired]
    customers = [allowed for side, allowed in roles if side == "customer"]
    agents = [allowed for side, allowed in roles if side == "agent"]
    if not private and not confidential:
        found += _where("organization", customers, "tickets:read:organization")
    found += _where("department", agents, "tickets:read:department")
    if confidential:
        agents = [allowed for allowed in agents if "confidential:read" in allowed]
    return found + _where("tenant", agents, "tickets:read:tenant")


def _where(rule: Rule, roles: Sequence[Collection[str]], permission: str) -> list[Rule]:
    return [rule] if any(permission in allowed for allowed in roles) else []
