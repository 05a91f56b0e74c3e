"""Links in mails of a portal without a frontend lead people to a page, not to JSON."""

import re
from pathlib import Path

import httpx2
import pytest

from tests.desk import Desk
from tests.factories import definitions
from tests.factories.pages import title
from tests.factories.tickets import opened
from tests.mailbox import text_of

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "nb"}


async def test_the_link_of_a_mail_says_where_the_ticket_is_read(
    desk: Desk, member: httpx2.AsyncClient, nobody: httpx2.AsyncClient
) -> None:
    ticket = await opened(member)
    desk.forget_mails()
    await desk.work()
    letter = next(text for text in map(text_of, desk.mails()) if ticket["number"] in text)
    link = re.search(r"http://127\.0\.0\.1:8000(/portals/\S+)", letter)
    assert link
    page = await nobody.get(link[1], headers=BROWSER)
    assert (page.status_code, title(page)) == (200, ticket["number"])
    assert page.headers["content-language"] == "nb"
    assert f"viser {ticket['number']} i en egen app" in page.text
    assert ticket["subject"] not in page.text


@pytest.mark.parametrize("path", ["approvals", "approvals/x", "registrations/x", "tickets/x"])
async def test_a_link_to_anything_else_does_too_and_repeats_nothing(
    nobody: httpx2.AsyncClient, path: str
) -> None:
    page = await nobody.get(f"/portals/crm-service/{path}", headers=BROWSER)
    assert (page.status_code, title(page)) == (200, "CRM-service Support Portal")
    assert "viser dette i en egen app" in page.text


@pytest.mark.parametrize("number", ["CRM-1<script>", "CRM-1%0AX", "SKILL-1001", "CRM-" + "1" * 13])
async def test_what_is_no_number_of_the_portal_is_not_repeated(
    nobody: httpx2.AsyncClient, number: str
) -> None:
    page = await nobody.get(f"/portals/crm-service/tickets/{number}", headers=BROWSER)
    assert title(page) == "CRM-service Support Portal"
    assert number not in page.text


async def test_once_the_portal_has_a_frontend_old_links_lead_there(
    desk: Desk, nobody: httpx2.AsyncClient, tmp_path: Path
) -> None:
    written = definitions.document()
    written["portal"] |= {"slug": "housed", "number_prefix": "HOU"}
    written["portal"]["address"] = "https://help.acme.example/"
    file = tmp_path / "housed.yaml"
    file.write_text(definitions.text_of(written))
    await desk.apply(file)
    answer = await nobody.get("/portals/housed/tickets/HOU-1001", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "https://help.acme.example/")


async def test_a_portal_that_does_not_exist_has_no_such_page(nobody: httpx2.AsyncClient) -> None:
    assert (await nobody.get("/portals/none/tickets/X-1", headers=BROWSER)).status_code == 404
