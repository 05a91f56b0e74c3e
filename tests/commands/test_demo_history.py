"""The past of the demo portals: right in itself, played whole, once, and nobody hears of it."""

import io
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from PIL import Image

from app.commands.applying import shipped_files
from app.commands.demo import demo_people_of
from app.commands.demo_history.checks import load_history
from app.commands.demo_history.moments import Ago, moment_of, working_day
from app.commands.demo_history.papers import content_of
from app.commands.demo_history.script import OldTicket, Paper
from app.commands.demo_history.writing import script_of, unwritten, write_histories, write_history
from app.commands.failures import CommandFailed
from app.database.session import Database
from app.domain.tenants.definition import Definition
from app.domain.tenants.loading import load
from app.domain.tenants.problems import DefinitionError
from app.kernel import clock
from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import Addresses

DEFINITIONS = {file.stem: load(file) for file in shipped_files()}
every_portal = pytest.mark.parametrize("slug", DEFINITIONS)


def quiet(_told: str) -> None:
    """Hears how far it is, and says nothing."""


@pytest.fixture
def settings(addresses: Addresses, fresh_database: str, tmp_path: Path) -> Settings:
    return cluster.settings_for(addresses, fresh_database, tmp_path)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    assert settings.worker_database_url
    opened = Database(settings.worker_database_url, pool_size=4, name="test")
    yield opened
    await opened.close()


def rows(
    addresses: Addresses, database: str, query: LiteralString, *values: Any
) -> list[tuple[Any, ...]]:
    """What somebody sees whom no wall holds."""
    with psycopg.connect(addresses.of("superuser", database)) as connection:
        return connection.execute(query, values).fetchall()


def papers_of(tickets: Iterable[OldTicket]) -> list[Paper]:
    """Every file of some tickets."""
    of_steps = [paper for ticket in tickets for step in ticket.steps for paper in step.files]
    return [paper for ticket in tickets for paper in ticket.files] + of_steps


def written(folder: Path, text: str, definition: Definition) -> list[str]:
    """What is wrong with a script, as `line: message`."""
    file = folder / "history.yaml"
    file.write_text(f"version: 1\nportal: {definition.portal.slug}\ntickets:\n{text}")
    people = demo_people_of(definition)
    assert people
    try:
        load_history(file, definition, people)
    except DefinitionError as error:
        return [f"{each.line}: {each.path}: {each.message}" for each in error.mistakes]
    return []


# --- The people and the scripts as they are shipped ----------------------------------------------


@every_portal
def test_every_role_has_somebody_in_both_organizations_where_it_is_a_customers(slug: str) -> None:
    definition = DEFINITIONS[slug]
    people = demo_people_of(definition)
    assert people
    held = {(person.role, person.organization) for person in people.people}
    organizations = [organization.key for organization in people.organizations]
    assert len(organizations) == 2
    for role in definition.roles:
        places = organizations if role.side == "customer" else [None]
        assert {(role.key, place) for place in places} <= held


@every_portal
def test_every_portal_has_a_believable_number_of_tickets_over_months(slug: str) -> None:
    script = script_of(DEFINITIONS[slug])
    assert script
    tickets = script.history.tickets
    assert 24 <= len(tickets) <= 40
    assert max(ticket.opened.days for ticket in tickets) > 100
    steps = [step for ticket in tickets for step in ticket.steps]
    files = papers_of(tickets)
    assert {"csv", "png", "txt"} <= {paper.name[-3:] for paper in files}
    assert any(step.invite for step in steps)
    assert any(step.note == "internal" for step in steps)


@every_portal
def test_every_status_and_type_occurs_and_most_tickets_are_closed(slug: str) -> None:
    definition = DEFINITIONS[slug]
    script = script_of(definition)
    assert script
    ends = Counter(ticket.ends for ticket in script.history.tickets)
    assert set(ends) == {status.key for status in definition.statuses}
    closed = sum(ends[each.key] for each in definition.statuses if each.category == "closed")
    assert 0.4 < closed / len(script.history.tickets) < 0.7
    forms = definition.form_of
    types = {
        ticket.answers.get("type") or forms[ticket.form or ""].types[0]
        for ticket in script.history.tickets
    }
    assert types == {each.key for each in definition.types}


@every_portal
def test_everybody_who_asks_for_help_has_something_in_progress(slug: str) -> None:
    definition = DEFINITIONS[slug]
    script, people = script_of(definition), demo_people_of(definition)
    assert script
    assert people
    home = {person.email: person.organization for person in people.people}
    waiting = [
        ticket.on_behalf_of or ticket.by
        for ticket in script.history.tickets
        if definition.status_of[ticket.ends].category != "closed"
    ]
    assert {home[email] for email in waiting} == {each.key for each in people.organizations}
    assert {email for email in home if email.startswith("member")} <= set(waiting)


@every_portal
def test_pictures_can_be_opened_and_tables_begin_with_their_heading(slug: str) -> None:
    script = script_of(DEFINITIONS[slug])
    assert script
    for paper in papers_of(script.history.tickets):
        content = content_of(paper, "#0b6fb8")
        if paper.chart:
            with Image.open(io.BytesIO(content)) as picture:
                assert picture.size == (720, 420)
                assert (0x0B, 0x6F, 0xB8) in {color for _, color in picture.getcolors(9999) or ()}
        elif paper.rows:
            assert content.decode("utf-8-sig").startswith(";".join(map(str, paper.rows[0])))
        else:
            assert content.decode().startswith(paper.text or "?")


# --- What is wrong is told with its line ---------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("by: nobody@acme.example", "5: tickets[0].by: there is no nobody@acme.example"),
        ("by: agent@crm.example", "5: tickets[0].by: agents open tickets on behalf of somebody"),
        ("ends: gone", "7: tickets[0].ends: there is no 'gone' among the statuses"),
        ("opened: yesterday", "4: tickets[0].opened: a moment is written as working days ago"),
        ("opened: 0d 09:00", "4: tickets[0].opened: a moment is written as working days ago"),
        ("answers: {type: bug, subject: S, description: D}", "6: tickets[0].answers.severity"),
        ("answers: {type: support, subject: S, description: D, severity: sev1}", "6: tickets[0]"),
        ("steps: [{at: 9d 09:00, by: agent@crm.example, comment: C}]", "must be later than"),
        ("steps: [{at: 3d 09:00, by: agent@crm.example, move: vanish}]", "there is no 'vanish'"),
        ("steps: [{at: 3d 09:00, by: agent@crm.example}]", "8: tickets[0].steps[0]: nothing is"),
        ("files: [{name: a.png, text: T}]", "a text is called .txt or .log"),
        ("files: [{name: a.txt}]", "give exactly one of text, rows, chart"),
    ],
)
def test_a_mistake_in_a_script_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    right = {
        "opened": "opened: 5d 09:00",
        "by": "by: member@acme.example",
        "answers": "answers: {type: support, subject: S, description: D}",
        "ends": "ends: new",
    }
    right[line.partition(":")[0]] = line
    text = "  - " + "\n    ".join(right.values()) + "\n"
    found = written(tmp_path, text, DEFINITIONS["crm-service"])
    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("by: member@acme.example", "4: agreements[0].by: there is no member@acme.example"),
        ("organization: umbrella", "there is no 'umbrella' among the demo organizations"),
        ("template: gold", "there is no 'gold' among the templates of entitlements"),
        ("since: long ago", "a moment is written as working days ago"),
    ],
)
def test_a_mistake_in_an_agreement_is_told_with_its_line(
    tmp_path: Path, line: str, said: str
) -> None:
    right = {
        "since": "since: 9d 09:00",
        "by": "by: lead@tvox.example",
        "organization": "organization: acme",
        "template": "template: premium",
    }
    right[line.partition(":")[0]] = line
    agreement = "  - {" + ", ".join(right.values()) + "}\n"
    found = written(tmp_path, f"  []\nagreements:\n{agreement}", DEFINITIONS["tvox"])
    assert any(said.partition(": ")[2] in each for each in found), found


# --- Moments -------------------------------------------------------------------------------------


def test_working_days_before_today_are_counted_as_a_calendar_shows_them() -> None:
    for shift in range(14):
        today = date(2026, 11, 16) + timedelta(days=shift)
        day = today
        for days in range(1, 140):
            day -= timedelta(days=1)
            while day.weekday() > 4:
                day -= timedelta(days=1)
            assert working_day(today, days) == day


def test_a_moment_is_of_the_portals_own_clock_also_across_summer_time() -> None:
    now = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
    winter = moment_of(Ago(1, time(9, 0)), now=now, zone="Europe/Helsinki")
    summer = moment_of(Ago(10, time(9, 0)), now=now, zone="Europe/Helsinki")
    assert (winter.hour, summer.hour) == (7, 6)


# --- Played --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_past_is_played_once_ends_as_it_says_and_leaves_nothing_to_do(
    addresses: Addresses, fresh_database: str, database: Database, settings: Settings
) -> None:
    began = clock.now()
    slugs = await unwritten(database)
    assert slugs == sorted(DEFINITIONS)
    await write_histories(database, settings, slugs, quiet)
    assert abs(clock.now() - began) < timedelta(minutes=5)

    def look(query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        return rows(addresses, fresh_database, query, *values)

    for slug, definition in DEFINITIONS.items():
        script = script_of(definition)
        assert script
        found = look(
            "SELECT k.status, k.created_at FROM tickets k JOIN tenants t ON t.id = k.tenant_id"
            " WHERE t.slug = %s ORDER BY k.number",
            slug,
        )
        ends = Counter(ticket.ends for ticket in script.history.tickets)
        assert Counter(status for status, _ in found) == ends
        opened = [moment for _, moment in found]
        assert opened == sorted(opened)
        assert opened[-1] < began
        assert opened[0] < began - timedelta(days=150)

    # What is sold by agreement is charged to several of them, which still run (S0-24, S4-14).
    charged = look(
        "SELECT t.slug, e.template, min(e.ends_on), count(*) FROM tickets k"
        " JOIN tenants t ON t.id = k.tenant_id JOIN entitlements e"
        " ON e.tenant_id = k.tenant_id AND e.id = k.entitlement_id GROUP BY 1, 2"
    )
    sold = {
        (slug, each.key)
        for slug, definition in DEFINITIONS.items()
        for each in definition.entitlement_templates
    }
    assert {(slug, template) for slug, template, _, _ in charged} == sold
    assert all(ends > began.date() for _, _, ends, _ in charged)
    assert all(count > 1 for *_, count in charged)

    # Nothing waits: no mail, no timer. What is shown of pictures is there already.
    assert look("SELECT count(*) FROM queue.procrastinate_jobs") == [(0,)]
    assert look("SELECT count(*) FROM notifications") == [(0,)]
    assert look("SELECT name FROM timers WHERE due_at < %s", began) == []
    assert not (settings.data_dir / "mail").exists()
    bare = "SELECT count(*) FROM attachments WHERE ticket_id IS NULL"
    assert look(bare) == [(0,)]
    pictures = look("SELECT thumbnail_key FROM attachments WHERE media_type = 'image/png'")
    assert pictures
    assert all(key for (key,) in pictures)

    # Nothing happened after it is said to have happened, nor on a ticket that was not there yet.
    events = (
        "SELECT count(*) FROM events x JOIN tickets k ON k.id = x.ticket_id"
        " WHERE x.occurred_at < k.created_at OR x.occurred_at >= %s"
    )
    assert look(events, began) == [(0,)]
    comments = (
        "SELECT count(*) FROM comments x JOIN tickets k ON k.id = x.ticket_id"
        " WHERE x.created_at < k.created_at OR x.created_at >= %s"
    )
    assert look(comments, began) == [(0,)]
    wrong = "SELECT count(*) FROM tickets WHERE updated_at < created_at OR closed_at < created_at"
    assert look(wrong) == [(0,)]
    strangers = (
        "SELECT count(*) FROM events WHERE ticket_id IS NOT NULL AND actor_id IS NULL"
        # By rule, and not by anybody: what a status asks.
        " AND name <> 'approval.asked' AND left(name, 14) <> 'service_level.'"
    )
    assert look(strangers) == [(0,)]

    _promises_were_mostly_kept(addresses, fresh_database)

    # Once is enough.
    before = look("SELECT count(*) FROM events")
    assert await unwritten(database) == []
    with pytest.raises(CommandFailed, match="tickets have been opened there"):
        await write_history(database, settings, "tvox", quiet)
    assert look("SELECT count(*) FROM events") == before


def _promises_were_mostly_kept(addresses: Addresses, database: str) -> None:
    """And those that were broken were when they were (S0-15)."""
    stood = (
        "SELECT sla, count(*) FROM tickets k JOIN tenants t ON t.id = k.tenant_id"
        " WHERE t.slug = %s GROUP BY 1"
    )
    for slug, definition in DEFINITIONS.items():
        counted = dict(rows(addresses, database, stood, slug))
        if definition.sla_policies:
            assert counted["met"] > counted["missed"] > 0, (slug, counted)
            assert counted["running"] + counted["paused"] > 0
            assert None not in counted
        else:
            assert set(counted) == {None}
    broken = (
        "SELECT count(*) FROM events WHERE name = 'service_level.breached'"
        " AND occurred_at <> (data->>'due_at')::timestamptz"
    )
    assert rows(addresses, database, broken) == [(0,)]


async def test_a_portal_without_demo_people_gets_no_past(
    addresses: Addresses, fresh_database: str, database: Database, settings: Settings
) -> None:
    with psycopg.connect(addresses.of("superuser", fresh_database)) as connection:
        connection.execute(
            "UPDATE organizations SET external_source = 'crm' WHERE tenant_id ="
            " (SELECT id FROM tenants WHERE slug = 'skill')"
        )
    assert "skill" not in await unwritten(database)
    with pytest.raises(CommandFailed, match="its demo people are not there"):
        await write_history(database, settings, "skill", quiet)
    assert rows(addresses, fresh_database, "SELECT count(*) FROM tickets") == [(0,)]


async def test_a_past_that_breaks_off_is_as_if_it_had_never_begun(
    addresses: Addresses, fresh_database: str, database: Database, settings: Settings
) -> None:
    def lose_patience(told: str) -> None:
        if "(5 of" in told:
            raise KeyError(told)

    with pytest.raises(KeyError):
        await write_history(database, settings, "sensedesk", lose_patience)
    assert rows(addresses, fresh_database, "SELECT count(*) FROM tickets") == [(0,)]
    # Its files are begun uploads that hang on nothing: the timer sees to them, a day from now.
    due = rows(addresses, fresh_database, "SELECT name, due_at FROM timers")
    assert {name for name, _ in due} == {"sweep_unattached_upload"}
    assert all(moment > clock.now() for _, moment in due)
    assert "sensedesk" in await unwritten(database)
