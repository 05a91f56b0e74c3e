"""Demo people: who may try a shipped portal out. No passwords; those are made when applied."""

from collections.abc import Iterator
from pathlib import Path as File
from typing import Literal

from pydantic import EmailStr, Field, model_validator

from app.domain.tenants.definition import Definition, Flaw
from app.domain.tenants.definition.base import Key, Language, Line, Part, Side
from app.domain.tenants.loading import document_from
from app.domain.tenants.problems import DefinitionError
from app.domain.tenants.strict_yaml import read


class DemoOrganization(Part):
    """A customer organization."""

    key: Key = Field(description="What people name it by in this file.")
    name: Line = Field(description="Its name.")


class DemoPerson(Part):
    """Somebody who may sign in."""

    name: Line = Field(description="The name: of a role, not of a human being.")
    email: EmailStr = Field(description="Address to sign in with.")
    side: Side = Field(description="Side of the counter.")
    role: Key = Field(description="Role, by its key in the definition.")
    organization: Key | None = Field(None, description="Organization, on the customer's side.")
    teams: tuple[Key, ...] = Field((), description="Teams, on the agents' side.")
    language: Language | None = Field(None, description="Language, where not the portal's own.")

    @model_validator(mode="after")
    def _stands_on_one_side(self) -> "DemoPerson":
        if (self.side == "customer") != (self.organization is not None):
            raise ValueError("customers belong to an organization, agents to none")
        if self.side == "customer" and self.teams:
            raise ValueError("teams are for agents")
        return self


class DemoPeople(Part):
    """The people of one portal."""

    version: Literal[1] = Field(description="Format of this document.")
    portal: Key = Field(description="Slug of the portal they belong to.")
    organizations: tuple[DemoOrganization, ...] = Field(description="Customer organizations.")
    people: tuple[DemoPerson, ...] = Field(description="Who may sign in.")


def load_demo_people(file: File, definition: Definition) -> DemoPeople:
    """The demo people in a YAML file, fit for `definition`. Raises `DefinitionError`."""
    source = read(file)
    people = document_from(source, DemoPeople)
    mistakes = [source.mistake(flaw.path, flaw.message) for flaw in _flaws(people, definition)]
    if mistakes:
        raise DefinitionError(tuple(sorted(mistakes, key=lambda mistake: mistake.line)))
    return people


def _flaws(demo: DemoPeople, definition: Definition) -> Iterator[Flaw]:
    if demo.portal != definition.portal.slug:
        yield Flaw(("portal",), f"these are people of {definition.portal.slug!r}")
    organizations = {organization.key for organization in demo.organizations}
    seen: set[str] = set()
    for place, person in enumerate(demo.people):
        at = ("people", place)
        role = definition.role_of.get(person.role)
        if role is None or role.retired or role.side != person.side:
            message = f"there is no {person.role!r} among the roles of the {person.side}'s side"
            yield Flaw((*at, "role"), message)
        if person.organization and person.organization not in organizations:
            yield Flaw((*at, "organization"), f"there is no {person.organization!r} above")
        for inner, team in enumerate(person.teams):
            if team not in definition.team_of:
                yield Flaw((*at, "teams", inner), f"there is no {team!r} among the teams")
        if person.email.lower() in seen:
            yield Flaw((*at, "email"), "somebody else has this address")
        seen.add(person.email.lower())
