"""What is there already follows a new definition: its order in lists, its language in search."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from httpx2 import AsyncClient
from sqlalchemy import text

from app.commands.applying import SHIPPED, apply_file, at_portal
from app.database.session import Database
from app.domain.tickets import reactions
from app.journal.history import recorded
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.tickets import opened

Bend = Callable[[dict[str, Any]], object]
SLUG = "crm-service"


@pytest.fixture(scope="module")
async def own(
    addresses: Addresses, crowded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A desk whose portal may be turned upside down."""
    folder = Path(tmp_path_factory.mktemp("following"))
    settings = cluster.settings_for(addresses, crowded_database, folder)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        await held.work()
        yield held
        await held.close()


@pytest.fixture
async def database(own: Desk) -> AsyncIterator[Database]:
    assert own.settings.worker_database_url
    opened_ = Database(own.settings.worker_database_url, pool_size=4, name="test")
    yield opened_
    await opened_.close()


async def applied(database: Database, folder: Path, bend: Bend) -> int:
    """Put the shipped portal in force, bent; answers the version."""
    document = yaml.safe_load((SHIPPED / f"{SLUG}.yaml").read_text(encoding="utf-8"))
    bend(document)
    file = folder / f"{SLUG}.yaml"
    file.write_text(yaml.dump(document, allow_unicode=True), encoding="utf-8")
    return (await apply_file(database, file)).version


async def severities(client: AsyncClient) -> list[str]:
    """The severities of all bugs of this story, as a list sorted by severity has them."""
    answer = await client.get("/v1/tickets?type=bug&q=Disorder&sort=severity&limit=100")
    assert answer.status_code == 200, answer.text
    return [item["severity"]["key"] for item in answer.json()["items"]]


async def ranks(database: Database) -> dict[str, set[int]]:
    async with at_portal(database, SLUG) as (session, _):
        rows = await session.execute(
            text("SELECT DISTINCT severity, severity_rank FROM tickets WHERE type = 'bug'")
        )
        found: dict[str, set[int]] = {}
        for severity, rank in rows:
            found.setdefault(severity, set()).add(rank)
        return found


def backwards(document: dict[str, Any]) -> None:
    document["severities"].reverse()


async def test_tickets_take_their_places_in_the_new_order(
    own: Desk, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await own.client("member@acme.example", SLUG)
    lead = await own.client("lead@crm.example", SLUG)
    for severity in ("sev2", "sev1", "sev3", "sev1", "sev2"):
        await opened(member, type="bug", severity=severity, subject="Disorder")
    assert await severities(lead) == ["sev1", "sev1", "sev2", "sev2", "sev3"]
    before = (await lead.get("/v1/tickets?type=bug")).json()["items"]

    # So few at once that they are many batches, the last one not full.
    monkeypatch.setattr(reactions, "RANKED_AT_ONCE", 2)
    await applied(database, tmp_path, backwards)
    assert await severities(lead) == ["sev1", "sev1", "sev2", "sev2", "sev3"]
    await own.work()
    assert await severities(lead) == ["sev3", "sev2", "sev2", "sev1", "sev1"]
    assert await severities(member) == ["sev3", "sev2", "sev2", "sev1", "sev1"]
    after = (await lead.get("/v1/tickets?type=bug")).json()["items"]
    assert [each["updated_at"] for each in after] == [each["updated_at"] for each in before]
    # Whatever is opened now agrees with what followed.
    await opened(member, type="bug", severity="sev2", subject="Disorder")
    assert all(len(places) == 1 for places in (await ranks(database)).values())

    await applied(database, tmp_path, bool)
    await own.work()
    assert await severities(lead) == ["sev1", "sev1", "sev2", "sev2", "sev2", "sev3"]


async def test_following_is_safe_to_repeat_and_goes_on_after_a_crash(
    own: Desk, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await own.client("member@acme.example", SLUG)
    for severity in ("sev4", "sev5", "sev4"):
        await opened(member, type="bug", severity=severity)
    monkeypatch.setattr(reactions, "RANKED_AT_ONCE", 1)
    version = await applied(database, tmp_path, backwards)
    async with at_portal(database, SLUG) as (session, actor):
        event_id = await session.scalar(
            text(
                "SELECT id FROM events WHERE name = 'portal.definition_applied'"
                " AND (data->>'version')::int = :version"
            ),
            {"version": version},
        )
        event = await recorded(session, actor.tenant_id, event_id)
    assert event is not None

    class Failing:
        """A database that is gone at the third transaction."""

        def __init__(self) -> None:
            self.left = 3

        def transaction(self, wall: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise ConnectionError
            return database.transaction(wall)

    class Tools:
        def __init__(self, reached: Any) -> None:
            self.database = reached

    with pytest.raises(ConnectionError):
        await reactions.rerank_tickets(Tools(Failing()), event)
    await own.work()
    done = await ranks(database)
    assert all(len(places) == 1 for places in done.values())
    await reactions.rerank_tickets(Tools(database), event)
    assert await ranks(database) == done
    await applied(database, tmp_path, bool)
    await own.work()


async def test_words_are_looked_for_in_the_portals_new_language(
    own: Desk, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await own.client("member@acme.example", SLUG)
    ticket = await opened(member, subject="Quarterly invoices missing")
    said = {"body": "The printers were restarted."}
    assert (await member.post(f"/v1/tickets/{ticket['id']}/comments", json=said)).is_success
    await opened(member, subject="Another matter")

    async def found(phrase: str) -> bool:
        answer = await member.get("/v1/tickets", params={"q": phrase})
        return ticket["id"] in {item["id"] for item in answer.json()["items"]}

    # Finnish, as this portal speaks, knows nothing of English endings.
    assert not await found('"invoice" missing')
    assert not await found("restarting printer -nothing")

    def in_english(document: dict[str, Any]) -> None:
        document["portal"]["default_language"] = "en"

    monkeypatch.setattr(reactions, "WORDED_AT_ONCE", 1)
    await applied(database, tmp_path, in_english)
    await own.work()
    assert await found('"invoice" missing')
    assert await found("restarting printer -nothing")
    assert await found("invoices")
    await applied(database, tmp_path, bool)
    await own.work()
    assert not await found('"invoice" missing')
