"""A portal's page over HTTP, as anybody may see it before signing in."""

import pytest
from httpx2 import AsyncClient


@pytest.mark.parametrize(
    ("portal", "language", "beginning"),
    [
        ("skill", "nb", "Her registrerer du saker"),
        ("sensedesk", "nn-NO, en;q=0.4", "Velg avdeling"),
        ("sensedesk", "no", "Velg avdeling"),
        ("extend", "sv-FI, fi;q=0.9", "Här registrerar du ärenden"),
        ("crm-service", "fi", "Pyydä apua"),
        ("crm-service", "en-GB, fi;q=0.9", "Ask for help"),
        ("tvox", "it-CH", "Consulta lo stato"),
        ("tvox", "en", "See how your tickets"),
        ("tvox", "de, *;q=0.1", "See how your tickets"),
    ],
)
async def test_a_portal_speaks_the_language_the_browser_asks_for(
    nobody: AsyncClient, portal: str, language: str, beginning: str
) -> None:
    headers = {"Accept-Language": language}
    answer = await nobody.get(f"/v1/portals/{portal}", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["welcome"].startswith(beginning)
    assert "accept-language" in answer.headers["vary"].lower()


async def test_a_portal_says_how_it_is_called_looks_and_lets_people_in(nobody: AsyncClient) -> None:
    told = (await nobody.get("/v1/portals/crm-service")).json()
    assert (told["slug"], told["name"]) == ("crm-service", "CRM-service Support Portal")
    assert (told["languages"], told["default_language"]) == (["fi", "en"], "fi")
    assert told["words"]["organization"] == "customer company"
    assert told["branding"]["primary_color"] == "#1b3a5c"
    assert told["sign_in"][0]["kind"] == "local"
    assert "portal" in told["intake_channels"]
    assert [link["key"] for link in told["links"]] == ["handbook", "operations"]
    assert told["comment_order"] == "newest_first"
    assert told["password_min_length"] == 15


async def test_where_tickets_come_by_mail_alone_the_portal_says_so(nobody: AsyncClient) -> None:
    """S4-16."""
    told = (await nobody.get("/v1/portals/tvox")).json()
    assert "portal" not in told["intake_channels"]
    assert "mail" in told["intake_channels"]


async def test_a_browser_that_knows_the_page_is_not_sent_it_again(nobody: AsyncClient) -> None:
    first = await nobody.get("/v1/portals/crm-service")
    tag = {"If-None-Match": first.headers["etag"]}
    again = await nobody.get("/v1/portals/crm-service", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    other = await nobody.get("/v1/portals/crm-service", headers={**tag, "Accept-Language": "fi"})
    assert other.status_code == 200


@pytest.mark.parametrize("slug", ["nobody", "CRM-SERVICE", "crm-service%20", "%00", "a" * 200])
async def test_a_portal_there_is_not_is_not_found(nobody: AsyncClient, slug: str) -> None:
    answer = await nobody.get(f"/v1/portals/{slug}", headers={"Accept-Language": "sv"})
    assert answer.status_code == 404
    assert answer.json()["code"] in {"portal-not-found", "route-not-found"}


async def test_the_page_takes_no_parameters(nobody: AsyncClient) -> None:
    answer = await nobody.get("/v1/portals/crm-service", params={"language": "sv"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "language"
