"""What becomes of files a moment or a day later: scanned, made small, swept."""

import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from app.gateways.scanner import ScannerUnavailable, Verdict
from app.kernel import clock
from tests.desk import Desk
from tests.routers.files import (
    NEW_TICKET,
    Client,
    entry,
    kept,
    named,
    picture,
    statuses,
    ticket_with,
    uploaded,
)


@pytest.fixture
def scanner_at_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = desk.settings.model_copy(update={"scanner_url": "tcp://scanner.example:3310"})
    monkeypatch.setitem(desk.app.state._state, "settings", told)


class Says:
    """A scanner that reads everything and says this."""

    def __init__(self, verdict: Verdict | None) -> None:
        self.verdict = verdict

    async def scan(self, stream: AsyncIterator[bytes]) -> Verdict:
        assert b"".join([piece async for piece in stream])
        if self.verdict is None:
            raise ScannerUnavailable("away")
        return self.verdict


@pytest.fixture
def later() -> Iterator[Any]:
    def shift(**by: float) -> None:
        moment = datetime.now(UTC) + timedelta(**by)
        clock.set_source(lambda: moment)

    yield shift
    clock.set_source(None)


async def test_a_picture_gets_a_thumbnail_once_it_hangs_on_something(
    desk: Desk, member: Client, stranger: Client
) -> None:
    file = await uploaded(member, picture(), "screen.png")
    await desk.work()
    assert (await entry(member, file))["thumbnail"] is None
    missing = await member.get(f"/v1/attachments/{file}/thumbnail")
    assert (missing.status_code, missing.json()["code"]) == (404, "thumbnail-not-found")
    await ticket_with(member, file)
    await desk.work()
    address = (await entry(member, file))["thumbnail"]
    answer = await member.get(address)
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (512, 341)
    assert (await stranger.get(address)).json()["code"] == "attachment-not-found"


@pytest.mark.usefixtures("scanner_at_work")
async def test_with_a_scanner_customers_wait_for_its_word(
    desk: Desk, member: Client, agent: Client
) -> None:
    file = await uploaded(member, picture(), "screen.png")
    await ticket_with(member, file)
    waiting = await entry(member, file)
    assert (waiting["state"], waiting["download_url"]) == ("pending", None)
    refused = await member.get(f"/v1/attachments/{file}/content")
    assert (refused.status_code, refused.json()["code"]) == (403, waiting["refused_because"])
    assert (await agent.get(f"/v1/attachments/{file}/content")).status_code == 200
    await desk.work(scanner=Says(Verdict.CLEAN))
    clean = await entry(member, file)
    assert (clean["state"], clean["refused_because"]) == ("clean", None)
    assert clean["thumbnail"]
    assert (await member.get(f"/v1/attachments/{file}/content")).status_code == 200


@pytest.mark.usefixtures("scanner_at_work")
async def test_nobody_fetches_or_attaches_a_virus(
    desk: Desk, member: Client, agent: Client, nobody: Client
) -> None:
    attached, free = await uploaded(member), await uploaded(member)
    await ticket_with(member, attached)
    address = (await entry(agent, attached))["download_url"]
    await desk.work(scanner=Says(Verdict.INFECTED))
    for answer in (
        await agent.get(f"/v1/attachments/{attached}/content"),
        await nobody.get(address),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "attachment-infected")
    new = {**NEW_TICKET, "attachment_ids": [free]}
    answer = await member.post("/v1/tickets", json=new)
    assert answer.json()["errors"][0]["code"] == "attachment-infected"


@pytest.mark.usefixtures("scanner_at_work")
async def test_a_file_too_large_for_the_scanner_is_for_agents_only(
    desk: Desk, member: Client, agent: Client
) -> None:
    file = await uploaded(member)
    await ticket_with(member, file)
    await desk.work(scanner=Says(Verdict.TOO_LARGE))
    refused = await member.get(f"/v1/attachments/{file}/content")
    assert refused.json()["code"] == "attachment-unscanned"
    assert (await agent.get(f"/v1/attachments/{file}/content")).status_code == 200


async def test_an_upload_of_ones_own_can_be_taken_back_until_it_hangs_on_something(
    desk: Desk, member: Client, colleague: Client
) -> None:
    file, attached = await uploaded(member), await uploaded(member)
    await ticket_with(member, attached)
    for client, what in ((colleague, file), (member, attached)):
        assert (await client.delete(f"/v1/attachments/{what}")).status_code == 404
    assert (await member.delete(f"/v1/attachments/{file}")).status_code == 204
    assert await statuses(member, file) == [404]
    await desk.work()
    assert file not in kept(desk)
    assert attached in kept(desk)


async def test_after_a_day_what_hangs_on_nothing_is_swept(
    desk: Desk, member: Client, later: Any
) -> None:
    forgotten, attached = await uploaded(member), await uploaded(member)
    await ticket_with(member, attached)
    later(hours=23)
    await desk.work()
    assert forgotten in kept(desk)
    later(hours=25)
    await desk.work()
    clock.set_source(None)
    assert await statuses(member, forgotten, attached) == [404, 200]
    assert forgotten not in kept(desk)
    assert attached in kept(desk)


async def test_what_a_killed_process_left_in_the_storage_is_swept_too(
    desk: Desk, member: Client, monkeypatch: pytest.MonkeyPatch, later: Any
) -> None:
    class Killed(BaseException):
        pass

    storage = desk.app.state.storage
    put = storage.put

    async def put_and_die(key: str, stream: AsyncIterator[bytes]) -> int:
        await put(key, stream)
        raise Killed

    before = kept(desk)
    monkeypatch.setattr(storage, "put", put_and_die)
    with pytest.raises(Killed):
        await member.post("/v1/attachments", content=b"to nobody", headers=named("a"))
    (left,) = kept(desk) - before
    later(hours=25)
    await desk.work()
    assert left not in kept(desk)


async def test_a_signed_address_needs_no_token_and_dies_after_a_minute(
    member: Client, nobody: Client, later: Any
) -> None:
    file = await uploaded(member, b"the content")
    url = (await entry(member, file))["download_url"]
    answer = await nobody.get(url)
    assert (answer.status_code, answer.content) == (200, b"the content")
    forged = url[:-1] + ("a" if url[-1] != "a" else "b")
    assert (await nobody.get(forged)).json()["code"] == "download-address-ended"
    later(seconds=61)
    assert (await nobody.get(url)).json()["code"] == "download-address-ended"
