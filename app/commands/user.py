"""`skranke user`: who is in a portal, invite its first administrator, shut somebody out, show a
link to a new password."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.failures import CommandFailed, Exit
from app.commands.people import Portal, all_rows, at_desk, person_at, require_role

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.access.actor import Actor
    from app.models.people import Person

user = typer.Typer(help="People of a portal.", no_args_is_help=True)
_Address = Annotated[str, typer.Argument(help="Address of the person.")]


@user.command(name="list")
def list_(portal: Portal) -> None:
    """List the people of a portal: state, side, role, address and name."""
    from app.domain.people.queries import PeopleFilter, people_page

    async def found(session: "AsyncSession", system: "Actor") -> list[Any]:
        return await all_rows(
            partial(people_page, session, system, PeopleFilter(), sort="name", descending=False)
        )

    for row in at_desk(portal, found):
        person, contact = row.Person, row.ContactDetails
        address = contact.email if contact else "service account"
        typer.echo(
            f"{person.state:8}  {person.side:8}  {person.role or '-':16}  {address}  {person.name}"
        )


@user.command()
def invite(
    portal: Portal,
    address: _Address,
    *,
    name: Annotated[str, typer.Option(help="The name others see.")],
    role: Annotated[str, typer.Option(help="A role of agents, such as `tenant_admin`.")],
) -> None:
    """Invite somebody to the agents' side, such as a portal's first administrator. He is mailed a
    link; one that does the same is shown on standard output, alone, good once and for a week."""
    from app.domain.invitations.actions import invite as invite_person

    async def made(session: "AsyncSession", system: "Actor") -> str:
        await require_role(session, system, role)
        view = await invite_person(
            session,
            system,
            person=None,
            name=name,
            email=address,
            side="agent",
            organization=None,
            role=role,
            language=None,
            phone=None,
            way=None,
        )
        return await _link_for(session, system, view.person)

    typer.echo(at_desk(portal, made))


@user.command()
def deactivate(portal: Portal, address: _Address) -> None:
    """Shut somebody out at once: his sessions, apps, links and API keys end."""
    from app.domain.people.actions import change_person

    async def done(session: "AsyncSession", system: "Actor") -> None:
        person = await person_at(session, system, address)
        await change_person(
            session, system, person.id, expected_version=None, changes={"state": "inactive"}
        )

    at_desk(portal, done)
    typer.echo(f"{address} is shut out.", err=True)


@user.command(name="reset-link")
def reset_link(portal: Portal, address: _Address) -> None:
    """Show a link with which somebody sets a new password, good once and for an hour, or accepts
    his invitation: for whoever gets no mail. On standard output, alone."""

    async def made(session: "AsyncSession", system: "Actor") -> str:
        return await _link_for(session, system, await person_at(session, system, address))

    typer.echo(at_desk(portal, made))


async def _link_for(session: "AsyncSession", system: "Actor", person: "Person") -> str:
    """A new link for whoever is in, or invited. Raises `CommandFailed`."""
    from app.commands.prerequisites import read_settings
    from app.domain.invitations.queries import open_invitation_of
    from app.domain.invitations.ways import link_of
    from app.domain.sign_in.links import issue_one_time_token
    from app.domain.tenants.queries import definition_of

    definition = await definition_of(session, system)
    pages = (definition.portal.address or read_settings().base_url).rstrip("/")
    if person.state == "active":
        token = await issue_one_time_token(session, system, person.id, "password_reset")
        return f"{pages}/password-resets/{token}"
    if person.state == "invited" and await open_invitation_of(session, system, person.id):
        token = await issue_one_time_token(session, system, person.id, "invitation")
        return link_of(definition, pages, token)
    raise CommandFailed(f"{person.name} is {person.state}, not active.", Exit.REFUSED)
