"""Entity tags: the same is not sent again, and what somebody else changed is not overwritten."""

import re
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.factories.tickets import codes, commented, opened, shown

TAG = re.compile(r'^"\d+-[0-9a-f]{16}"$')


@pytest.fixture
async def ticket(member: AsyncClient) -> dict[str, Any]:
    return await opened(member)


async def tag_of(client: AsyncClient, ticket: dict[str, Any], **headers: str) -> str:
    answer = await client.get(f"/v1/tickets/{ticket['id']}", headers=headers)
    return str(answer.headers["etag"])


async def patched(client: AsyncClient, ticket: dict[str, Any], **headers: str) -> Any:
    path = f"/v1/tickets/{ticket['id']}"
    return await client.patch(path, json={"subject": "Changed"}, headers=headers)


@pytest.mark.parametrize("path", ["/v1/me", "/v1/catalogue", "/v1/forms/ticket"])
async def test_what_one_has_already_is_not_sent_again(member: AsyncClient, path: str) -> None:
    first = await member.get(path)
    tag = first.headers["etag"]
    assert TAG.match(tag)
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await member.get(path, headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "Authorization" in again.headers["vary"]
        assert again.headers["cache-control"] == "no-store"
        assert "content-type" not in again.headers
    for held in ('"0-0000000000000000"', "", "nonsense", tag.strip('"')):
        again = await member.get(path, headers={"If-None-Match": held})
        assert again.status_code == 200, held


async def test_the_answer_to_a_change_carries_the_new_tag(
    member: AsyncClient, ticket: dict[str, Any]
) -> None:
    before = await tag_of(member, ticket)
    answer = await patched(member, ticket, **{"If-Match": before})
    assert answer.status_code == 200
    assert answer.headers["etag"] != before
    assert answer.headers["etag"] == await tag_of(member, ticket)


async def test_nothing_is_changed_unseen(member: AsyncClient, ticket: dict[str, Any]) -> None:
    assert codes(await patched(member, ticket))[:2] == (428, "precondition-required")
    assert (await shown(member, ticket))["subject"] == ticket["subject"]


async def test_what_somebody_else_changed_is_not_overwritten(
    member: AsyncClient, agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    seen = await tag_of(member, ticket)
    theirs = {"If-Match": await tag_of(agent, ticket)}
    assert (await patched(agent, ticket, **theirs)).status_code == 200
    assert codes(await patched(member, ticket, **{"If-Match": seen}))[:2] == (412, "stale")
    assert (await shown(member, ticket))["subject"] == "Changed"


async def test_the_tag_of_the_other_side_names_the_same_version(
    member: AsyncClient, agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    seen = await tag_of(member, ticket)
    assert await tag_of(agent, ticket) != seen
    assert (await patched(agent, ticket, **{"If-Match": seen})).status_code == 200


async def test_a_star_changes_whatever_is_there(
    member: AsyncClient, agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    await patched(agent, ticket, **{"If-Match": await tag_of(agent, ticket)})
    assert (await patched(member, ticket, **{"If-Match": "*"})).status_code == 200


@pytest.mark.parametrize(
    "sent", ["1", '"1"', '"1-x"', "1-0000000000000000", '"-1-0000000000000000"', "", '"", "*"']
)
async def test_a_tag_that_is_none_of_ours_is_refused(
    member: AsyncClient, ticket: dict[str, Any], sent: str
) -> None:
    answer = await patched(member, ticket, **{"If-Match": sent})
    assert codes(answer) == (400, "invalid-precondition", [])


async def test_a_comment_leaves_the_version_but_not_the_digest(
    member: AsyncClient, agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    await commented(agent, ticket, visibility="internal")
    seen = await tag_of(agent, ticket)
    await commented(member, ticket)
    now = await tag_of(agent, ticket)
    assert now != seen
    assert now.split("-")[0] == seen.split("-")[0]
    assert (await patched(agent, ticket, **{"If-Match": seen})).status_code == 200


async def test_another_language_is_another_answer_of_the_same_version(
    member: AsyncClient, ticket: dict[str, Any]
) -> None:
    english = await tag_of(member, ticket)
    finnish = await tag_of(member, ticket, **{"Accept-Language": "fi"})
    assert finnish != english
    assert finnish.split("-")[0] == english.split("-")[0]
    path = f"/v1/tickets/{ticket['id']}"
    headers = {"Accept-Language": "fi", "If-None-Match": english}
    assert (await member.get(path, headers=headers)).status_code == 200


@pytest.mark.parametrize("sent", [None, "*", "seen"])
async def test_a_step_honours_a_tag_where_it_is_sent(
    member: AsyncClient, ticket: dict[str, Any], sent: str | None
) -> None:
    tag = await tag_of(member, ticket) if sent == "seen" else sent
    path = f"/v1/tickets/{ticket['id']}/transitions"
    headers = {"If-Match": tag} if tag else {}
    answer = await member.post(path, json={"transition": "close"}, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("transitions", {"transition": "close"}),
        ("transitions", {"transition": "close", "comment": "Done."}),
        ("comments", {"body": "Words."}),
    ],
)
async def test_a_step_from_a_stale_view_does_nothing(
    member: AsyncClient, ticket: dict[str, Any], path: str, body: dict[str, str]
) -> None:
    seen = await tag_of(member, ticket)
    await patched(member, ticket, **{"If-Match": seen})
    where = f"/v1/tickets/{ticket['id']}"
    answer = await member.post(f"{where}/{path}", json=body, headers={"If-Match": seen})
    assert codes(answer)[:2] == (412, "stale")
    assert (await shown(member, ticket))["status"]["key"] == "new"
    assert (await member.get(f"{where}/comments")).json()["items"] == []
