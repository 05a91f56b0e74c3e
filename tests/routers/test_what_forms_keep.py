"""What a form shows agents alone, no list, no order and no mail tells customers."""

from itertools import count
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories import definitions
from tests.factories.registrations import somebody
from tests.factories.tickets import Shown, changed, codes
from tests.mailbox import text_of

_numbers = count(1)


class Keeping:
    """A portal whose form shows no customer a ticket's priority, and two people at it."""

    boss: AsyncClient
    agent: AsyncClient
    address: str


@pytest.fixture
async def keeping(desk: Desk, tmp_path: Path) -> Keeping:
    number = next(_numbers)
    slug, written = f"keeping-{number}", definitions.document()
    written["portal"] |= {"slug": slug, "number_prefix": f"KEEP{chr(64 + number)}"}
    for field in written["forms"][0]["fields"]:
        if field["key"] == "priority":
            field |= {"visible_to": ["agent"], "editable_by": ["agent"]}
    file = tmp_path / f"{slug}.yaml"
    file.write_text(definitions.text_of(written))
    await desk.apply(file)
    made = Keeping()
    made.boss, made.address, _ = await somebody(desk, slug, role="boss")
    made.agent, _, _ = await somebody(desk, slug, role="agent")
    return made


async def asked(client: AsyncClient, **more: str) -> Shown:
    new = {"type": "question", "subject": "How?", "description": "Like this?", **more}
    answer = await client.post("/v1/tickets", json=new)
    assert answer.status_code == 201, answer.text
    found: Shown = answer.json()
    return found


async def test_no_hit_tells_what_a_form_does_not_show(keeping: Keeping) -> None:
    ticket = await asked(keeping.boss)
    assert (await changed(keeping.agent, ticket, priority="normal")).status_code == 200
    assert (await keeping.boss.get(f"/v1/tickets/{ticket['id']}")).json()["priority"] is None
    for query, of_boss, of_agent in (
        ("priority=normal", 0, 1),
        ("priority=low", 0, 0),
        ("priority=normal&priority=low&severity=sev10", 0, 1),
        ("severity=sev10", 1, 1),
    ):
        for client, hits in ((keeping.boss, of_boss), (keeping.agent, of_agent)):
            told = (await client.get(f"/v1/tickets?include=total&{query}")).json()
            assert (len(told["items"]), told["total"]) == (hits, hits), query


async def test_no_order_tells_it_either(keeping: Keeping) -> None:
    for sort in ("priority", "-priority"):
        refused = await keeping.boss.get(f"/v1/tickets?sort={sort}")
        assert codes(refused) == (422, "not-for-customers", [("sort", "not-for-customers")])
        assert (await keeping.agent.get(f"/v1/tickets?sort={sort}")).status_code == 200
    assert (await keeping.boss.get("/v1/tickets?sort=severity")).status_code == 200


async def test_no_mail_tells_it_either(desk: Desk, keeping: Keeping) -> None:
    me = (await keeping.boss.get("/v1/me")).json()["id"]
    desk.forget_mails()
    await asked(keeping.agent, on_behalf_of=me, priority="low")
    await desk.work()
    (mail,) = desk.mails(keeping.address)
    assert "Sev10" in text_of(mail)
    assert "Low" not in mail.as_string()
