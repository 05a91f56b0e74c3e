"""The clock, ids, sorting, versions, settings, and the log that knows nobody."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.kernel import clock, logging
from app.kernel.ids import new_id, parse_id
from app.kernel.settings import Settings
from app.kernel.sorting import sort_key
from app.kernel.versions import Stale, expect


def test_the_clock_can_be_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock.read_from(file)
    try:
        assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
        file.write_text("2031-05-17T12:00:00+02:00\n")
        assert clock.now() == datetime(2031, 5, 17, 10, 0, tzinfo=UTC)
    finally:
        clock.set_source(None)


async def test_the_clock_is_stopped_for_one_task_alone() -> None:
    long_ago = datetime(2001, 2, 3, tzinfo=UTC)

    async def somebody_else() -> datetime:
        await asyncio.sleep(0)
        return clock.now()

    other = asyncio.create_task(somebody_else())
    with clock.stopped_at(long_ago) as stop_at:
        assert clock.now() == long_ago
        stop_at(long_ago + timedelta(days=1))
        assert (clock.now() - long_ago).days == 1
        assert (await other).year > 2001
    assert clock.now().year > 2001


def test_ids_sort_by_the_moment_they_were_made() -> None:
    ids = [new_id() for _ in range(50)]
    assert ids == sorted(ids)
    assert ids[0].version == 7


@pytest.mark.parametrize(
    "text", ["", "x", "{0190163d-8694-739b-aea5-966c26f8ad91}", "0190163d8694739baea5966c26f8ad91"]
)
def test_only_the_canonical_spelling_is_an_id(text: str) -> None:
    assert parse_id(text) is None


def test_an_id_is_read_in_either_case() -> None:
    made = new_id()
    assert parse_id(str(made)) == parse_id(str(made).upper()) == made


def test_names_sort_as_people_of_the_north_expect() -> None:
    names = ["Öberg", "Åberg", "Zeta", "anna", "Älg", "Émile", "Bo", "eva"]
    assert sorted(names, key=sort_key) == [
        *("anna", "Bo", "Émile", "eva", "Zeta", "Åberg", "Älg", "Öberg"),
    ]


def test_who_writes_without_having_read_the_last_version_is_refused() -> None:
    expect(3, 3)
    expect(3, None)
    with pytest.raises(Stale):
        expect(3, 2)


@pytest.mark.parametrize("domain", ["", "localhost", "a b.example", "a@b.example", "ä.example"])
def test_a_mail_domain_that_no_mail_could_carry_is_refused_at_once(domain: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"mail_domain": domain})


def test_links_start_with_the_public_address_where_there_is_one() -> None:
    assert Settings(public_url="https://desk.example/").base_url == "https://desk.example"
    assert Settings(public_url=None, host="127.0.0.1", port=8001).base_url == (
        "http://127.0.0.1:8001"
    )


def test_the_log_knows_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure("INFO", "json")
    try:
        logging.logger("tests").info("mail_sent", notification="1", address="a@acme.example")
        line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    finally:
        logging.configure("ERROR", "json")
    assert line["notification"] == "1"
    assert line["room"] == "tests"
    assert "acme" not in json.dumps(line)
