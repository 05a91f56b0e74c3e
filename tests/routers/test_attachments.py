"""Files over HTTP: taken in, hung on something, seen by whoever sees that, fetched harmlessly."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.datastructures import State

from app.gateways.storage import open_storage
from tests.desk import Desk
from tests.routers.files import (
    NEW_TICKET,
    Client,
    comment_with,
    entry,
    kept,
    named,
    picture,
    statuses,
    ticket_with,
    uploaded,
)

PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(50)


@pytest.fixture
def small_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> int:
    told = desk.settings.model_copy(update={"attachment_limit_bytes": 1000})
    monkeypatch.setitem(desk.app.state._state, "settings", told)
    return 1000


async def test_a_raw_file_is_kept_as_what_it_is(desk: Desk, member: Client) -> None:
    answer = await member.post(
        "/v1/attachments",
        content=picture(),
        headers=named("..%2FSkj%C3%A6rm%E2%80%AE.txt"),
    )
    assert answer.status_code == 201
    told = answer.json()
    assert answer.headers["location"] == f"/v1/attachments/{told['id']}"
    assert (told["name"], told["media_type"]) == ("Skjærm.txt", "image/png")
    assert (told["size"], told["state"]) == (len(picture()), "unscanned")
    assert told["ticket_id"] is None
    assert told["id"] in kept(desk)


async def test_a_form_from_a_browser_is_taken_too(member: Client) -> None:
    answer = await member.post("/v1/attachments", files={"file": ("Ærlig.csv", b"a;b\n1;2\n")})
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["media_type"]) == ("Ærlig.csv", "text/csv")


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "attachment-empty"),
        (PROGRAM, 415, "attachment-type-refused"),
        (b"<svg onload='x'/>", 415, "attachment-type-refused"),
        (b"<!doctype html><script>x</script>", 415, "attachment-type-refused"),
        (b"a" * 1001, 413, "attachment-too-large"),
    ],
)
async def test_what_is_refused_leaves_nothing_behind(
    desk: Desk, member: Client, small_limit: int, data: bytes, status: int, code: str
) -> None:
    before = kept(desk)
    answer = await member.post("/v1/attachments", content=data, headers=named("a.png"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kept(desk) == before


async def test_a_form_with_an_unknown_field_is_refused_by_its_name(member: Client) -> None:
    answer = await member.post("/v1/attachments", files={"picture": ("a.txt", b"x")})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/picture"


async def test_nobody_uploads_without_signing_in(nobody: Client) -> None:
    answer = await nobody.post("/v1/attachments", content=b"x", headers=named("a"))
    assert answer.status_code == 401


async def test_an_upload_asked_for_twice_is_made_once(desk: Desk, member: Client) -> None:
    key = {"Idempotency-Key": str(uuid4()), **named("a.txt")}
    first = await member.post("/v1/attachments", content=b"same", headers=key)
    after_first = kept(desk)
    again = await member.post("/v1/attachments", content=b"same", headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    other = await member.post("/v1/attachments", content=b"other", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert kept(desk) == after_first


async def test_an_upload_is_seen_by_its_uploader_alone(
    member: Client, colleague: Client, company_admin: Client, stranger: Client, agent: Client
) -> None:
    file = await uploaded(member)
    assert await statuses(member, file) == [200]
    for other in (colleague, company_admin, stranger, agent):
        assert await statuses(other, file) == [404]
        content = await other.get(f"/v1/attachments/{file}/content")
        random = await other.get(f"/v1/attachments/{uuid4()}/content")
        assert content.json()["code"] == random.json()["code"] == "attachment-not-found"


async def test_a_file_of_a_ticket_is_seen_by_whoever_sees_the_ticket(
    member: Client, colleague: Client, company_admin: Client, stranger: Client, agent: Client
) -> None:
    file = await uploaded(member)
    ticket = await ticket_with(member, file)
    for insider in (member, company_admin, agent):
        assert (await entry(insider, file))["ticket_id"] == ticket
    for outsider in (colleague, stranger):
        assert await statuses(outsider, file) == [404]
        answer = await outsider.get(f"/v1/tickets/{ticket}/attachments")
        assert answer.json()["code"] == "ticket-not-found"


async def test_a_file_of_a_comment_is_seen_by_whoever_reads_the_comment(
    member: Client, company_admin: Client, agent: Client
) -> None:
    ticket = await ticket_with(member)
    public, internal = await uploaded(agent), await uploaded(agent)
    private = await uploaded(member)
    await comment_with(agent, ticket, "public", public)
    await comment_with(agent, ticket, "internal", internal)
    await comment_with(member, ticket, "private", private)
    files = (public, internal, private)
    assert await statuses(member, *files) == [200, 404, 200]
    assert await statuses(company_admin, *files) == [200, 404, 404]
    assert await statuses(agent, *files) == [200, 200, 200]
    for reader, expected in ((member, 2), (company_admin, 1), (agent, 3)):
        answer = await reader.get(f"/v1/tickets/{ticket}/attachments?include=total")
        assert len(answer.json()["items"]) == answer.json()["total"] == expected


async def test_both_sides_add_files_later_while_the_ticket_is_open(
    member: Client, colleague: Client, agent: Client
) -> None:
    ticket = await ticket_with(member)
    for somebody in (member, agent):
        wanted = {"attachment_ids": [await uploaded(somebody)]}
        answer = await somebody.post(f"/v1/tickets/{ticket}/attachments", json=wanted)
        assert answer.status_code == 201
        assert answer.json()["items"][0]["ticket_id"] == ticket
    wanted = {"attachment_ids": [await uploaded(colleague)]}
    answer = await colleague.post(f"/v1/tickets/{ticket}/attachments", json=wanted)
    assert answer.status_code == 404


async def test_a_conversation_shows_each_comments_files(member: Client, agent: Client) -> None:
    file, noted = await uploaded(agent), await uploaded(agent)
    ticket = await ticket_with(member, await uploaded(member))
    for body, more in (
        ("Nothing with it.", {}),
        ("With a file.", {"attachment_ids": [file]}),
        ("Between us.", {"attachment_ids": [noted], "visibility": "internal"}),
    ):
        answer = await agent.post(f"/v1/tickets/{ticket}/comments", json={"body": body, **more})
        assert answer.status_code == 201, answer.text
    shown = {}
    for reader in (member, agent):
        items = (await reader.get(f"/v1/tickets/{ticket}/comments")).json()["items"]
        shown[reader] = {
            item["body"]: [each["id"] for each in item["attachments"]] for item in items
        }
    assert shown[member] == {"Nothing with it.": [], "With a file.": [file]}
    assert shown[agent] == {**shown[member], "Between us.": [noted]}


async def test_only_ones_own_files_that_hang_on_nothing_can_be_attached(
    member: Client, agent: Client
) -> None:
    attached, foreign, free = await uploaded(member), await uploaded(agent), await uploaded(member)
    await ticket_with(member, attached)
    wanted = [free, attached, foreign, str(uuid4())]
    new = {**NEW_TICKET, "attachment_ids": wanted}
    answer = await member.post("/v1/tickets", json=new)
    assert (answer.status_code, answer.json()["code"]) == (422, "attachments-unusable")
    told = [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    assert told == [
        ("/attachment_ids/1", "already-attached"),
        ("/attachment_ids/2", "attachment-not-found"),
        ("/attachment_ids/3", "attachment-not-found"),
    ]
    assert (await entry(member, free))["ticket_id"] is None


async def test_a_file_never_hangs_on_two_things(member: Client) -> None:
    file, ticket = await uploaded(member), await ticket_with(member)
    wanted = {"attachment_ids": [file]}
    answers = await asyncio.gather(
        *(member.post(f"/v1/tickets/{ticket}/attachments", json=wanted) for _ in range(4)),
        *(member.post("/v1/tickets", json={**NEW_TICKET, **wanted}) for _ in range(4)),
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7


async def test_bytes_go_out_whole_or_in_part_and_nothing_runs_them(
    member: Client, agent: Client
) -> None:
    file = await uploaded(member, b"alert(1) // x", "login.js")
    await ticket_with(member, file)
    whole = await agent.get(f"/v1/attachments/{file}/content")
    assert (whole.status_code, whole.content) == (200, b"alert(1) // x")
    assert whole.headers["content-disposition"].startswith('attachment; filename="login.js.txt"')
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-security-policy"].startswith("sandbox")
    part = await agent.get(f"/v1/attachments/{file}/content", headers={"Range": "bytes=6-6"})
    assert (part.status_code, part.content) == (206, b"1")
    behind = await agent.get(f"/v1/attachments/{file}/content", headers={"Range": "bytes=99-"})
    assert behind.status_code == 416
    held = {"If-None-Match": whole.headers["etag"]}
    assert (await agent.get(f"/v1/attachments/{file}/content", headers=held)).status_code == 304


async def test_a_storage_that_is_away_is_said(
    desk: Desk, member: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = await uploaded(member)
    away = open_storage(f"file://{tmp_path}/files")
    (tmp_path / "files").rmdir()
    (tmp_path / "files").write_text("in the way")
    state: State = desk.app.state
    monkeypatch.setitem(state._state, "storage", away)
    for answer in (
        await member.post("/v1/attachments", content=b"x", headers=named("a")),
        await member.get(f"/v1/attachments/{file}/content"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")
        assert answer.headers["retry-after"]


async def test_nobody_piles_up_uploads_without_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = await desk.client("member2@globex.example")
    monkeypatch.setattr("app.domain.attachments.actions.MOST_UPLOADS", 2)
    for _ in range(2):
        await uploaded(somebody)
    answer = await somebody.post("/v1/attachments", content=b"x", headers=named("a"))
    assert (answer.status_code, answer.json()["code"]) == (409, "too-many-uploads")
