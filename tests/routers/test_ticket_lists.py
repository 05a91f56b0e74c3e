"""Lists of tickets: what is in them, in which order, page by page (S3-20, S3-21)."""

from collections.abc import AsyncIterator, Callable
from typing import Any, get_args
from uuid import UUID

import psycopg
import pytest
from httpx2 import AsyncClient
from psycopg.rows import dict_row

from app.domain.tickets.sorts import SORTS
from app.kernel.sorting import sort_key
from app.schemas.tickets import TicketSort
from tests.desk import Desk
from tests.factories.tickets import Shown, cloned, codes, opened, person_of

Superuser = psycopg.AsyncConnection[Any]
Row = dict[str, Any]
#: All tickets of this file were opened before this moment, and no others.
BEFORE = "2021-01-01T00:00:00Z"


@pytest.fixture(scope="module")
async def people(desk: Desk) -> dict[str, Shown]:
    names = ("member@acme", "company-admin@acme", "member@globex", "agent@crm", "agent2@crm")
    return {name: await person_of(desk, f"{name}.example") for name in names}


@pytest.fixture(scope="module")
async def rows(
    addresses: Any, database_name: str, desk: Desk, people: dict[str, Shown]
) -> AsyncIterator[list[Row]]:
    """Fourteen tickets with many ties and gaps, as they stand in the database."""
    acme = people["member@acme"]["memberships"][0]["organization"]["id"]
    globex = people["member@globex"]["memberships"][0]["organization"]["id"]
    like = await opened(await desk.client("member@acme.example"), priority="normal")
    address = addresses.of("superuser", database_name)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as superuser:
        world = (acme, globex, people)
        ids = await cloned(superuser, like, [_row(index, world) for index in range(14)])
        # The admin of Acme takes part in one of Globex, and in one of his own company too.
        part = (
            "INSERT INTO participants (tenant_id, ticket_id, person_id, organization_id,"
            " department, requester_id, added_at) SELECT tenant_id, id, %s, organization_id,"
            " department, requester_id, created_at FROM tickets WHERE id = %s"
        )
        for index in (0, 1, 3):
            await superuser.execute(part, [people["company-admin@acme"]["id"], ids[index]])
        superuser.row_factory = dict_row  # type: ignore[assignment]
        found = await superuser.execute(
            "SELECT t.*, r.sort_name AS requester_name, a.sort_name AS assignee_name,"
            " NULL AS entitlement_name,"
            " o.sort_name AS organization_name FROM tickets t"
            " JOIN people r ON r.id = t.requester_id JOIN organizations o"
            " ON o.id = t.organization_id LEFT JOIN people a ON a.id = t.assignee_id"
            " WHERE t.id = ANY (%s)",
            [[UUID(each) for each in ids]],
        )
        yield await found.fetchall()  # type: ignore[misc]


def _row(index: int, world: tuple[str, str, dict[str, Shown]]) -> Row:
    acme, globex, people = world
    who = ("member@globex", "member@acme", "company-admin@acme")[index % 3]
    closed = index % 4 == 0
    sevs = (None, "sev1", "sev3", "sev3", "sev10")
    status = ("new", "in_progress", "waiting_customer")[index % 3]
    subject = ("Ärlig", "arla", "Zeta", "Öl", "zeta", "ﷺ" * 130)[index % 6]
    service = (None, "crm", "invoicing")[index % 3]
    day = f"2020-{1 + index % 5:02}-01T00:00:00Z"
    return {
        "organization_id": globex if who == "member@globex" else acme,
        "requester_id": people[who]["id"],
        "private": index == 4,
        "subject": subject,
        "subject_key": sort_key(subject),
        "severity": sevs[index % 5],
        "severity_rank": (None, 0, 2, 2, 9)[index % 5],
        "service": service,
        "service_rank": (None, 0, 1)[index % 3],
        "team": None if index % 4 == 1 else "crm-team",
        "team_rank": None if index % 4 == 1 else 0,
        "assignee_id": people[("agent@crm", "agent2@crm")[index % 2]]["id"] if index % 3 else None,
        "type": ("bug", "support")[index % 2],
        "type_rank": (1, 0)[index % 2],
        "status": "closed" if closed else status,
        "status_rank": 6 if closed else (0, 1, 3)[index % 3],
        "status_category": "closed" if closed else ("new", "open", "waiting_customer")[index % 3],
        "closed_at": "2020-06-01T00:00:00Z" if closed else None,
        "created_at": day,
        "updated_at": f"2020-{1 + index % 4:02}-02T00:00:00.000001Z",
    }


COLUMN = {
    "subject": "subject_key",
    "type": "type_rank",
    "status": "status_rank",
    "severity": "severity_rank",
    "priority": "priority_rank",
    "service": "service_rank",
    "department": "department_rank",
    "team": "team_rank",
    "requester": "requester_name",
    "assignee": "assignee_name",
    "organization": "organization_name",
    "entitlement": "entitlement_name",
}
#: What customers are not shown, they do not sort by.
OF_AGENTS = {"team", "-team"}
OF_CUSTOMERS = sorted(set(get_args(TicketSort)) - OF_AGENTS)


def in_order(rows: list[Row], sort: str) -> list[str]:
    key = sort.removeprefix("-")
    column, down = COLUMN.get(key, key), sort.startswith("-")
    valued = [row for row in rows if row[column] is not None]
    empty = [row for row in rows if row[column] is None]
    valued.sort(key=lambda row: (row[column], row["id"]), reverse=down)
    empty.sort(key=lambda row: row["id"], reverse=down)
    return [str(row["id"]) for row in (*valued, *empty)]


async def walked(client: AsyncClient, query: str, limit: int) -> list[str]:
    """Every id of a list, following its links."""
    found: list[str] = []
    path = f"/v1/tickets?created_to={BEFORE}&limit={limit}&{query}"
    while True:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [item["id"] for item in page["items"]]
        link = answer.headers.get("link")
        assert (link is None) == (page["next_cursor"] is None)
        if link is None:
            return found
        assert len(page["items"]) == limit
        path = link.partition("<")[2].partition(">")[0]


def test_every_declared_sort_is_one_and_every_one_is_declared() -> None:
    declared = set(get_args(TicketSort))
    assert declared == set(SORTS) | {f"-{key}" for key in SORTS}


async def test_every_field_the_list_shows_can_be_sorted_by(
    agent: AsyncClient, rows: list[Row]
) -> None:
    item = (await agent.get("/v1/tickets?limit=1")).json()["items"][0]
    beside = {"id", "view", "ball_with", "private", "channel", "billable", "external_ref", "sla"}
    assert set(item) - beside <= set(SORTS)


@pytest.mark.parametrize("place", range(len(get_args(TicketSort))))
async def test_an_agent_walks_every_ticket_once_whatever_the_order(
    agent: AsyncClient, rows: list[Row], place: int
) -> None:
    sort = get_args(TicketSort)[place]
    assert await walked(agent, f"sort={sort}", limit=3 + place % 3) == in_order(rows, sort)


@pytest.mark.parametrize("sort", sorted(OF_AGENTS))
async def test_customers_do_not_sort_by_what_they_are_not_shown(
    member: AsyncClient, sort: str
) -> None:
    answer = await member.get(f"/v1/tickets?sort={sort}")
    assert codes(answer) == (422, "not-for-customers", [("sort", "not-for-customers")])


@pytest.mark.parametrize("place", range(len(OF_CUSTOMERS)))
async def test_a_customer_with_three_ways_to_see_a_ticket_sees_it_once(
    company_admin: AsyncClient, rows: list[Row], people: dict[str, Shown], place: int
) -> None:
    sort = OF_CUSTOMERS[place]
    seen = [row for row in rows if seen_by_admin(row, rows, people)]
    # Taking part in a ticket does not tell the name of its organization.
    seen = [
        row if row["organization_name"].startswith("acme") else {**row, "organization_name": None}
        for row in seen
    ]
    found = await walked(company_admin, f"sort={sort}", limit=3 + place % 3)
    assert len(seen) > 8
    assert found == in_order(seen, sort)


def seen_by_admin(row: Row, rows: list[Row], people: dict[str, Shown]) -> bool:
    participates = sorted(each["number"] for each in rows)
    own = str(row["requester_id"]) == people["company-admin@acme"]["id"]
    of_acme = row["organization_name"].startswith("acme")
    return (
        row["number"] in (participates[0], participates[1], participates[3])
        or own
        or (of_acme and not row["private"])
    )


FILTERS: dict[str, Callable[[Row], bool]] = {
    "status=new": lambda row: row["status"] == "new",
    "status=new&status=closed": lambda row: row["status"] in {"new", "closed"},
    "status_category=open&status_category=waiting_customer": lambda row: (
        row["status_category"] in {"open", "waiting_customer"}
    ),
    "state=open": lambda row: row["status_category"] != "closed",
    "state=closed": lambda row: row["status_category"] == "closed",
    "type=bug": lambda row: row["type"] == "bug",
    "service=crm&service=invoicing": lambda row: row["service"] is not None,
    "severity=sev3": lambda row: row["severity"] == "sev3",
    "priority=normal": lambda _: True,
    "department=support": lambda _: True,
    "department=unheard-of": lambda _: False,
    "team=crm-team&state=open&type=bug": lambda row: (
        row["team"] == "crm-team" and row["status_category"] != "closed" and row["type"] == "bug"
    ),
    "created_from=2020-03-01T00:00:00Z": lambda row: row["created_at"].month >= 3,
    "created_from=2020-03-01T02:00:00%2B02:00": lambda row: row["created_at"].month >= 3,
    "updated_from=2020-02-02T00:00:00Z&updated_to=2020-03-02T00:00:00Z": lambda row: (
        row["updated_at"].month == 2
    ),
}


@pytest.mark.parametrize("query", FILTERS)
async def test_a_filter_narrows_to_what_it_says(
    agent: AsyncClient, rows: list[Row], query: str
) -> None:
    wanted = [row for row in rows if FILTERS[query](row)]
    assert await walked(agent, f"{query}&sort=number", limit=100) == in_order(wanted, "number")
    counted = await agent.get(f"/v1/tickets?created_to={BEFORE}&include=total&limit=1&{query}")
    assert counted.json()["total"] == len(wanted)


async def test_people_and_organizations_narrow_by_id(
    agent: AsyncClient, rows: list[Row], people: dict[str, Shown]
) -> None:
    for key, column, who in (
        ("requester", "requester_id", people["member@acme"]["id"]),
        ("assignee", "assignee_id", people["agent@crm"]["id"]),
        ("organization", "organization_id", str(rows[0]["organization_id"])),
    ):
        wanted = [row for row in rows if str(row[column]) == who]
        assert wanted
        found = await walked(agent, f"{key}={who}&sort=number", limit=100)
        assert found == in_order(wanted, "number")
        assert await walked(agent, f"{key}={UUID(int=7)}", limit=100) == []


async def test_mine_is_what_one_asked_for_or_takes_part_in_and_for_agents_what_they_have(
    agent: AsyncClient,
    company_admin: AsyncClient,
    member: AsyncClient,
    rows: list[Row],
    people: dict[str, Shown],
) -> None:
    def of(column: str, who: str) -> list[Row]:
        return [row for row in rows if str(row[column]) == people[who]["id"]]

    numbered = sorted(rows, key=lambda row: row["number"])
    parts = [numbered[0], numbered[1], numbered[3]]
    own = of("requester_id", "company-admin@acme")
    wanted = own + [row for row in parts if row not in own]
    query = "mine=true&sort=number"
    assert await walked(company_admin, query, limit=2) == in_order(wanted, "number")
    assert await walked(member, query, limit=100) == in_order(
        of("requester_id", "member@acme"), "number"
    )
    assert await walked(agent, query, limit=100) == in_order(
        of("assignee_id", "agent@crm"), "number"
    )


async def test_a_member_sees_his_own_and_no_filter_shows_him_more(
    member: AsyncClient, rows: list[Row], people: dict[str, Shown]
) -> None:
    own = [row for row in rows if str(row["requester_id"]) == people["member@acme"]["id"]]
    acme = own[0]["organization_id"]
    for query in ("", f"organization={acme}", "mine=true", "state=open", "state=closed"):
        found = await walked(member, query, limit=100)
        assert set(found) <= {str(row["id"]) for row in own}
    assert len(await walked(member, "", limit=100)) == len(own)
    others = people["company-admin@acme"]["id"]
    assert await walked(member, f"requester={others}", limit=100) == []


async def test_rows_added_while_walking_move_nothing(
    agent: AsyncClient, rows: list[Row], member: AsyncClient
) -> None:
    first = await agent.get("/v1/tickets?limit=2")
    await opened(member)
    second = await agent.get(f"/v1/tickets?limit=2&cursor={first.json()['next_cursor']}")
    shown = [item["id"] for page in (first, second) for item in page.json()["items"]]
    assert len(set(shown)) == 4


async def test_the_total_is_told_only_to_who_asks(agent: AsyncClient, rows: list[Row]) -> None:
    path = f"/v1/tickets?created_to={BEFORE}&limit=3"
    assert (await agent.get(path)).json()["total"] is None
    page = (await agent.get(f"{path}&include=total")).json()
    assert page["total"] == len(rows)
    again = (await agent.get(f"{path}&include=total&cursor={page['next_cursor']}")).json()
    assert again["total"] == len(rows)
