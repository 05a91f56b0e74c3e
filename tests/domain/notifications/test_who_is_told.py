"""Who is told of what, and who never is."""

from app.database.session import Database
from app.domain.people.memberships import end_membership
from app.kernel.settings import Settings
from tests.domain.notifications.office import Office, furnished


async def test_a_new_ticket_is_told_to_those_of_the_team_who_want_to_hear(office: Office) -> None:
    customer = await office.customer(await office.organization())
    hears = await office.agent("Agent who hears")
    await office.agent("Agent who does not", told_of_new=False)
    await office.agent("Agent of another team", team="integrations")
    await office.agent("Agent without a team", team=None)
    await office.open(customer)
    assert await office.told(await office.tell(), hears)


async def test_a_ticket_without_a_team_is_told_to_its_department(office: Office) -> None:
    customer = await office.customer(await office.organization())
    one, other = await office.agent(), await office.agent(team="integrations")
    ticket = await office.open(customer)
    await office.give(ticket, None, team=None)
    mails = await office.tell()
    assert await office.told(mails, one, other)


async def test_whoever_a_ticket_is_opened_for_is_told_and_its_author_is_not(office: Office) -> None:
    customer = await office.customer(await office.organization())
    author, colleague = await office.agent(), await office.agent()
    await office.open(author, for_=customer)
    assert await office.told(await office.tell(), customer, colleague)


async def test_an_agents_answer_reaches_requester_and_participants_only(office: Office) -> None:
    acme, globex = await office.organization(), await office.organization("Globex")
    customer = await office.customer(acme)
    await office.customer(acme, "Colleague")
    await office.customer(acme, "Company admin", role="paakayttaja")
    outsider = await office.customer(globex, "Participant from elsewhere")
    agent = await office.agent()
    await office.agent("Another agent")
    ticket = await office.open(customer)
    await office.invite(ticket, outsider)
    await office.nobody_is_told()
    await office.write(agent, ticket)
    assert await office.told(await office.tell(), customer, outsider)


async def test_a_customers_answer_reaches_the_agent_in_charge_alone(office: Office) -> None:
    acme = await office.organization()
    customer = await office.customer(acme)
    admin = await office.customer(acme, role="paakayttaja")
    agent = await office.agent()
    await office.agent("Another agent")
    ticket = await office.open(customer)
    await office.give(ticket, agent)
    await office.nobody_is_told()
    await office.write(customer, ticket)
    await office.write(admin, ticket)
    assert await office.told(await office.tell(), agent, agent)


async def test_while_the_agent_in_charge_is_gone_the_team_is_told(office: Office) -> None:
    customer = await office.customer(await office.organization())
    gone, there = await office.agent(), await office.agent()
    ticket = await office.open(customer)
    await office.give(ticket, gone)
    await office.nobody_is_told()
    await office.change(gone, state="inactive")
    await office.write(customer, ticket)
    assert await office.told(await office.tell(), there)


async def test_an_internal_note_reaches_the_agent_in_charge_and_no_customer(office: Office) -> None:
    customer = await office.customer(await office.organization())
    agent, colleague = await office.agent(), await office.agent()
    ticket = await office.open(customer)
    await office.invite(ticket, await office.customer(await office.organization("Globex")))
    await office.give(ticket, agent)
    await office.nobody_is_told()
    await office.write(colleague, ticket, visibility="internal")
    assert await office.told(await office.tell(), agent)
    await office.write(agent, ticket, visibility="internal")
    assert await office.tell() == []


async def test_a_private_note_reaches_the_agent_in_charge_and_no_colleague(office: Office) -> None:
    acme = await office.organization()
    customer = await office.customer(acme)
    await office.customer(acme, role="paakayttaja")
    agent = await office.agent()
    await office.agent("Another agent")
    ticket = await office.open(customer)
    await office.give(ticket, agent)
    await office.nobody_is_told()
    await office.write(customer, ticket, visibility="private")
    assert await office.told(await office.tell(), agent)


async def test_the_muted_and_the_gone_are_not_told(office: Office) -> None:
    acme = await office.organization()
    muted, gone = await office.customer(acme), await office.customer(acme)
    agent = await office.agent()
    tickets = [await office.open(muted), await office.open(gone)]
    await office.nobody_is_told()
    await office.change(muted, muted=True)
    await office.change(gone, state="inactive")
    for ticket in tickets:
        await office.write(agent, ticket)
    assert await office.tell() == []
    assert {row.state for row in await office.rows() if row.person_id in {muted, gone}} == {
        "dropped"
    }


async def test_somebody_invited_is_answered_before_he_has_ever_signed_in(office: Office) -> None:
    customer = await office.customer(await office.organization())
    agent = await office.agent()
    ticket = await office.open(customer)
    await office.nobody_is_told()
    await office.change(customer, state="invited")
    await office.write(agent, ticket)
    assert await office.told(await office.tell(), customer)


async def test_who_has_left_the_organization_is_not_told_what_he_may_not_read(
    office: Office,
) -> None:
    acme = await office.organization()
    leaver = await office.customer(acme)
    agent = await office.agent()
    ticket = await office.open(leaver)
    await office.nobody_is_told()
    async with office.as_system() as (session, system):
        await end_membership(session, system, acme, leaver)
    await office.write(agent, ticket)
    assert await office.tell() == []


async def test_an_agent_outside_a_confidential_department_is_not_told(
    served: Settings, database: Database
) -> None:
    office = await furnished(served, database, confidential=True)
    customer = await office.customer(await office.organization())
    inside, outside = await office.agent(), await office.agent(team=None)
    ticket = await office.open(customer)
    await office.give(ticket, outside)
    await office.nobody_is_told()
    await office.write(customer, ticket)
    assert await office.tell() == []
    await office.give(ticket, inside)
    await office.write(customer, ticket)
    assert await office.told(await office.tell(), inside)


async def test_closing_is_told_once_with_or_without_a_word(office: Office) -> None:
    customer = await office.customer(await office.organization())
    agent = await office.agent()
    silent, spoken, noted = [await office.open(customer) for _ in range(3)]
    await office.nobody_is_told()
    await office.move(agent, silent, "close")
    (mail,) = await office.tell()
    assert "suljettu" in mail.text
    await office.write(agent, spoken, "Valmista tuli", transition="close")
    (mail,) = await office.tell()
    assert "Valmista tuli" in mail.text
    assert "→ Suljettu" in mail.text
    # Of a note he may not read the customer hears nothing but that the ticket is closed.
    await office.write(agent, noted, "Hush", visibility="internal", transition="close")
    (mail,) = await office.tell()
    assert mail.to_address == await office.address_of(customer)
    assert "Hush" not in mail.text + mail.html


async def test_a_customer_who_closes_tells_the_desk(office: Office) -> None:
    customer = await office.customer(await office.organization())
    agent = await office.agent()
    ticket = await office.open(customer)
    await office.give(ticket, agent)
    await office.nobody_is_told()
    await office.move(customer, ticket, "close")
    assert await office.told(await office.tell(), agent)
