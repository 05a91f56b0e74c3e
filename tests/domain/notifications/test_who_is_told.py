"""Who is told of what, and who never is."""

import pytest

from app.database.session import Database
from app.domain.people.actions import end_membership
from app.kernel.settings import Settings
from tests.domain.notifications.desk import Desk, furnished

pytestmark = pytest.mark.database


async def test_a_new_ticket_is_told_to_those_of_the_team_who_want_to_hear(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    hears = await desk.agent("Agent who hears")
    await desk.agent("Agent who does not", told_of_new=False)
    await desk.agent("Agent of another team", team="integrations")
    await desk.agent("Agent without a team", team=None)
    await desk.open(customer)
    assert await desk.told(await desk.tell(), hears)


async def test_a_ticket_without_a_team_is_told_to_its_department(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    one, other = await desk.agent(), await desk.agent(team="integrations")
    ticket = await desk.open(customer)
    await desk.give(ticket, None, team=None)
    mails = await desk.tell()
    assert await desk.told(mails, one, other)


async def test_whoever_a_ticket_is_opened_for_is_told_and_its_author_is_not(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    author, colleague = await desk.agent(), await desk.agent()
    await desk.open(author, for_=customer)
    assert await desk.told(await desk.tell(), customer, colleague)


async def test_an_agents_answer_reaches_requester_and_participants_only(desk: Desk) -> None:
    acme, globex = await desk.organization(), await desk.organization("Globex")
    customer = await desk.customer(acme)
    await desk.customer(acme, "Colleague")
    await desk.customer(acme, "Company admin", role="paakayttaja")
    outsider = await desk.customer(globex, "Participant from elsewhere")
    agent = await desk.agent()
    await desk.agent("Another agent")
    ticket = await desk.open(customer)
    await desk.invite(ticket, outsider)
    await desk.nobody_is_told()
    await desk.write(agent, ticket)
    assert await desk.told(await desk.tell(), customer, outsider)


async def test_a_customers_answer_reaches_the_agent_in_charge_alone(desk: Desk) -> None:
    acme = await desk.organization()
    customer = await desk.customer(acme)
    admin = await desk.customer(acme, role="paakayttaja")
    agent = await desk.agent()
    await desk.agent("Another agent")
    ticket = await desk.open(customer)
    await desk.give(ticket, agent)
    await desk.nobody_is_told()
    await desk.write(customer, ticket)
    await desk.write(admin, ticket)
    assert await desk.told(await desk.tell(), agent, agent)


async def test_while_the_agent_in_charge_is_gone_the_team_is_told(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    gone, there = await desk.agent(), await desk.agent()
    ticket = await desk.open(customer)
    await desk.give(ticket, gone)
    await desk.nobody_is_told()
    await desk.change(gone, state="inactive")
    await desk.write(customer, ticket)
    assert await desk.told(await desk.tell(), there)


async def test_an_internal_note_reaches_the_agent_in_charge_and_no_customer(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    agent, colleague = await desk.agent(), await desk.agent()
    ticket = await desk.open(customer)
    await desk.invite(ticket, await desk.customer(await desk.organization("Globex")))
    await desk.give(ticket, agent)
    await desk.nobody_is_told()
    await desk.write(colleague, ticket, visibility="internal")
    assert await desk.told(await desk.tell(), agent)
    await desk.write(agent, ticket, visibility="internal")
    assert await desk.tell() == []


async def test_a_private_note_reaches_the_agent_in_charge_and_no_colleague(desk: Desk) -> None:
    acme = await desk.organization()
    customer = await desk.customer(acme)
    await desk.customer(acme, role="paakayttaja")
    agent = await desk.agent()
    await desk.agent("Another agent")
    ticket = await desk.open(customer)
    await desk.give(ticket, agent)
    await desk.nobody_is_told()
    await desk.write(customer, ticket, visibility="private")
    assert await desk.told(await desk.tell(), agent)


async def test_the_muted_and_the_gone_are_not_told(desk: Desk) -> None:
    acme = await desk.organization()
    muted, gone = await desk.customer(acme), await desk.customer(acme)
    agent = await desk.agent()
    tickets = [await desk.open(muted), await desk.open(gone)]
    await desk.nobody_is_told()
    await desk.change(muted, muted=True)
    await desk.change(gone, state="inactive")
    for ticket in tickets:
        await desk.write(agent, ticket)
    assert await desk.tell() == []
    assert {row.state for row in await desk.rows() if row.person_id in {muted, gone}} == {"dropped"}


async def test_somebody_invited_is_answered_before_he_has_ever_signed_in(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    agent = await desk.agent()
    ticket = await desk.open(customer)
    await desk.nobody_is_told()
    await desk.change(customer, state="invited")
    await desk.write(agent, ticket)
    assert await desk.told(await desk.tell(), customer)


async def test_who_has_left_the_organization_is_not_told_what_he_may_not_read(desk: Desk) -> None:
    acme = await desk.organization()
    leaver = await desk.customer(acme)
    agent = await desk.agent()
    ticket = await desk.open(leaver)
    await desk.nobody_is_told()
    async with desk.as_system() as (session, system):
        await end_membership(session, system, acme, leaver)
    await desk.write(agent, ticket)
    assert await desk.tell() == []


async def test_an_agent_outside_a_confidential_department_is_not_told(
    served: Settings, database: Database
) -> None:
    desk = await furnished(served, database, confidential=True)
    customer = await desk.customer(await desk.organization())
    inside, outside = await desk.agent(), await desk.agent(team=None)
    ticket = await desk.open(customer)
    await desk.give(ticket, outside)
    await desk.nobody_is_told()
    await desk.write(customer, ticket)
    assert await desk.tell() == []
    await desk.give(ticket, inside)
    await desk.write(customer, ticket)
    assert await desk.told(await desk.tell(), inside)


async def test_closing_is_told_once_with_or_without_a_word(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    agent = await desk.agent()
    silent, spoken, noted = [await desk.open(customer) for _ in range(3)]
    await desk.nobody_is_told()
    await desk.move(agent, silent, "close")
    (mail,) = await desk.tell()
    assert "suljettu" in mail.text
    await desk.write(agent, spoken, "Valmista tuli", transition="close")
    (mail,) = await desk.tell()
    assert "Valmista tuli" in mail.text
    assert "→ Suljettu" in mail.text
    # Of a note he may not read the customer hears nothing but that the ticket is closed.
    await desk.write(agent, noted, "Hush", visibility="internal", transition="close")
    (mail,) = await desk.tell()
    assert mail.to_address == await desk.address_of(customer)
    assert "Hush" not in mail.text + mail.html


async def test_a_customer_who_closes_tells_the_desk(desk: Desk) -> None:
    customer = await desk.customer(await desk.organization())
    agent = await desk.agent()
    ticket = await desk.open(customer)
    await desk.give(ticket, agent)
    await desk.nobody_is_told()
    await desk.move(customer, ticket, "close")
    assert await desk.told(await desk.tell(), agent)
