"""Definitions and demo people reach the database: made once, safe to repeat, nothing lost."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.commands.applying import apply_file, at_portal, checked_step, in_force, shipped_files
from app.commands.demo import FILE, apply_shipped
from app.database.session import Database
from app.domain.tenants.loading import load, load_text
from app.domain.tenants.planning import diff
from app.domain.tenants.problems import DefinitionError
from app.domain.tenants.queries import definition_of
from app.domain.tenants.writing import as_yaml
from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import Addresses
from tests.factories.definitions import Bend, document, named, text_of


@pytest.fixture(scope="module")
def worker_url(addresses: Addresses) -> Iterator[SecretStr]:
    """The worker's address of a database of this module's own."""
    name = cluster.copy_of_template(addresses)
    url = cluster.settings_for(addresses, name, Path()).worker_database_url
    assert url
    yield url
    cluster.drop(addresses, name)


@pytest.fixture
async def database(worker_url: SecretStr) -> AsyncIterator[Database]:
    opened = Database(worker_url, pool_size=4, name="test")
    yield opened
    await opened.close()


def file_of(folder: Path, slug: str, bend: Bend | None = None) -> Path:
    written = document()
    written["portal"]["slug"] = slug
    if bend:
        bend(written)
    file = folder / f"{slug}.yaml"
    file.write_text(text_of(written), encoding="utf-8")
    return file


async def rows(database: Database, slug: str, query: str) -> list[tuple[Any, ...]]:
    async with at_portal(database, slug) as (session, _):
        return [tuple(row) for row in await session.execute(text(query))]


def without_sev2_and_hr_team(written: dict[str, Any]) -> None:
    del written["severities"][1]
    written["forms"][0]["conditions"][0]["limit"] = {"severity": ["sev1"]}
    del written["teams"][1]


async def test_a_first_definition_makes_its_tenant(database: Database, tmp_path: Path) -> None:
    applied = await apply_file(database, file_of(tmp_path, "first"))
    assert applied.version == 1
    assert await in_force(database, "first") == applied.definition
    assert await rows(database, "first", "SELECT key, position, confidential FROM departments") == [
        ("desk", 0, False),
        ("hr", 1, True),
    ]
    ((side, permissions),) = await rows(
        database, "first", "SELECT side, permissions FROM roles WHERE key = 'member'"
    )
    assert side == "customer"
    assert "tickets:create" in permissions
    assert await rows(database, "first", "SELECT wall.next_ticket_number()") == [(1001,)]
    ((name, data),) = await rows(database, "first", "SELECT name, data FROM events")
    assert (name, data["version"]) == ("portal.definition_applied", 1)


async def test_applying_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    file = file_of(tmp_path, "again")
    await apply_file(database, file)
    again = await apply_file(database, file)
    assert (again.version, again.changes) == (1, ())
    assert len(await rows(database, "again", "SELECT 1 FROM portal_definitions")) == 1
    assert len(await rows(database, "again", "SELECT 1 FROM events")) == 1


async def test_what_vanished_is_retired_and_older_versions_stay(
    database: Database, tmp_path: Path
) -> None:
    first = await apply_file(database, file_of(tmp_path, "retiring"))
    second = await apply_file(database, file_of(tmp_path, "retiring", without_sev2_and_hr_team))
    assert second.version == 2
    assert second.definition.severity_of["sev2"].retired
    teams = "SELECT key, retired_at IS NOT NULL FROM teams ORDER BY position"
    assert await rows(database, "retiring", teams) == [("first_line", False), ("hr_team", True)]
    async with at_portal(database, "retiring") as (session, actor):
        assert actor.definition_version == 2
        assert await definition_of(session, actor, 1) == first.definition
        assert await definition_of(session, actor) == second.definition
    await apply_file(database, file_of(tmp_path, "retiring"))
    assert await rows(database, "retiring", teams) == [("first_line", False), ("hr_team", False)]


async def test_what_is_retired_stays_retired_since_then(database: Database, tmp_path: Path) -> None:
    since = "SELECT retired_at FROM teams WHERE key = 'hr_team'"
    await apply_file(database, file_of(tmp_path, "since"))
    await apply_file(database, file_of(tmp_path, "since", without_sev2_and_hr_team))
    before = await rows(database, "since", since)

    def later(written: dict[str, Any]) -> None:
        without_sev2_and_hr_team(written)
        written["portal"]["name"] = "Another name"

    await apply_file(database, file_of(tmp_path, "since", later))
    assert await rows(database, "since", since) == before


async def test_a_definition_with_an_error_applies_nothing(
    database: Database, tmp_path: Path
) -> None:
    file = file_of(tmp_path, "wrong", lambda written: written["statuses"][0].update(color="red"))
    with pytest.raises(DefinitionError, match=r"wrong\.yaml:\d+: statuses\[0\]\.color: a colour"):
        await apply_file(database, file)
    assert await in_force(database, "wrong") is None


async def test_a_role_that_changes_sides_applies_nothing(
    database: Database, tmp_path: Path
) -> None:
    await apply_file(database, file_of(tmp_path, "sides"))

    def turned(written: dict[str, Any]) -> None:
        written["roles"][1].update(side="agent", like="agent")
        written["portal"]["name"] = "Another name"

    with pytest.raises(
        DefinitionError, match=r"sides\.yaml:\d+: roles\[1\]\.side: the role 'boss'"
    ):
        await apply_file(database, file_of(tmp_path, "sides", turned))
    kept = await in_force(database, "sides")
    assert kept is not None
    assert kept.portal.name == "Small desk"


async def test_a_plan_tells_what_applying_would_change(database: Database, tmp_path: Path) -> None:
    await apply_file(database, file_of(tmp_path, "planned"))

    def wider(written: dict[str, Any]) -> None:
        written["priorities"].append(named("urgent", color="#ff0000"))

    changes = diff(*await checked_step(database, file_of(tmp_path, "planned", wider)))
    assert [str(change) for change in changes] == ["+ priority urgent"]
    assert len(await rows(database, "planned", "SELECT 1 FROM portal_definitions")) == 1


async def test_what_is_exported_can_be_applied_without_a_change(
    database: Database, tmp_path: Path
) -> None:
    await apply_file(database, file_of(tmp_path, "exported"))
    await apply_file(database, file_of(tmp_path, "exported", without_sev2_and_hr_team))
    kept = await in_force(database, "exported")
    assert kept is not None
    file = tmp_path / "export.yaml"
    file.write_text(as_yaml(kept), encoding="utf-8")
    assert load_text(file.read_bytes(), "export.yaml") == kept
    assert (await apply_file(database, file)).changes == ()


async def test_several_who_apply_at_once_make_one_tenant(
    worker_url: SecretStr, database: Database, tmp_path: Path
) -> None:
    file = file_of(tmp_path, "crowd")

    async def one() -> int:
        own = Database(worker_url, pool_size=2, name="test")
        try:
            return (await apply_file(own, file)).version
        finally:
            await own.close()

    assert await asyncio.gather(*(one() for _ in range(4))) == [1, 1, 1, 1]
    assert len(await rows(database, "crowd", "SELECT 1 FROM portal_definitions")) == 1


async def test_the_shipped_portals_and_their_people_are_made_once(
    addresses: Addresses, database: Database, tmp_path: Path
) -> None:
    shutil.copy(addresses.demo, tmp_path / FILE)
    first = json.loads((tmp_path / FILE).read_text())["portals"]
    assert set(first) == {file.stem for file in shipped_files()}
    people = first["crm-service"]["people"]
    assert {"name", "email", "password", "side", "role", "organization"} == set(people[0])
    passwords = [person["password"] for portal in first.values() for person in portal["people"]]
    assert len(set(passwords)) == len(passwords)
    assert await in_force(database, "crm-service") == load(shipped_files()[0])
    members = await rows(database, "crm-service", "SELECT role FROM memberships")
    assert len(members) == len([person for person in people if person["side"] == "customer"])

    settings = Settings(data_dir=tmp_path)
    await apply_shipped(database, settings)
    assert json.loads((tmp_path / FILE).read_text())["portals"] == first
    assert await rows(database, "crm-service", "SELECT role FROM memberships") == members
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


async def test_whoever_lost_the_file_gets_new_passwords_not_new_people(
    addresses: Addresses, database: Database, tmp_path: Path
) -> None:
    people = "SELECT email FROM contact_details ORDER BY email"
    before = await rows(database, "crm-service", people)
    await apply_shipped(database, Settings(data_dir=tmp_path))
    renewed = json.loads((tmp_path / FILE).read_text())["portals"]["crm-service"]["people"]
    former = cluster.demo_people(addresses)["crm-service"]
    assert [person["email"] for person in renewed] == [person["email"] for person in former]
    assert renewed[0]["password"] != former[0]["password"]
    assert await rows(database, "crm-service", people) == before
