"""`skranke user`: who is in a portal, shut somebody out, give somebody a link to a new password."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.failures import CommandFailed, Exit
from app.commands.people import Portal, at_desk, person_at

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.access.actor import Actor

user = typer.Typer(help="People of a portal.", no_args_is_help=True)
_Address = Annotated[str, typer.Argument(help="Address of the person.")]


@user.command(name="list")
def list_(portal: Portal) -> None:
    """List the people of a portal: state, side, role, address and name."""
    from app.domain.people.queries import people_page

    async def found(session: "AsyncSession", system: "Actor") -> list[Any]:
        rows: list[Any] = []
        after = None
        while True:
            page = await people_page(
                session,
                system,
                side=None,
                state=None,
                email=None,
                phone=None,
                sort="name",
                descending=False,
                after=after,
                limit=100,
            )
            rows += page.rows
            if page.next is None:
                return rows
            after = page.next

    for row in at_desk(portal, found):
        person, contact = row.Person, row.ContactDetails
        address = contact.email if contact else "service account"
        typer.echo(
            f"{person.state:8}  {person.side:8}  {person.role or '-':16}  {address}  {person.name}"
        )


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
    """Show a link with which somebody sets a new password, good once and for an hour: for whoever
    gets no mail. On standard output, alone."""
    from app.commands.surroundings import read_settings
    from app.domain.sign_in.links import issue_one_time_token
    from app.domain.tenants.queries import definition_of

    own = read_settings().base_url

    async def made(session: "AsyncSession", system: "Actor") -> str:
        person = await person_at(session, system, address)
        if person.state != "active":
            raise CommandFailed(f"{address} is {person.state}, not active.", Exit.REFUSED)
        token = await issue_one_time_token(session, system, person.id, "password_reset")
        definition = await definition_of(session, system)
        base = (definition.portal.address or own).rstrip("/")
        return f"{base}/password-resets/{token}"

    typer.echo(at_desk(portal, made))
