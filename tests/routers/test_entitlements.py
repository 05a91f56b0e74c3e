"""Agreements over HTTP, and the tickets charged to them."""

from typing import Any

import httpx2
import pytest

from tests.desk import Desk

Client = httpx2.AsyncClient


@pytest.fixture
async def lead(desk: Desk) -> Client:
    return await desk.client("lead@tvox.example", "tvox")


@pytest.fixture
async def agent(desk: Desk) -> Client:
    return await desk.client("agent@tvox.example", "tvox")


@pytest.fixture
async def user(desk: Desk) -> Client:
    return await desk.client("member@acme.example", "tvox")


@pytest.fixture
async def outsider(desk: Desk) -> Client:
    return await desk.client("company-reader@globex.example", "tvox")


@pytest.fixture
async def acme(lead: Client) -> str:
    """Acme without any agreement that runs."""
    return await company(lead, "Acme")


async def company(lead: Client, name: str) -> str:
    companies = (await lead.get("/v1/organizations")).json()["items"]
    found: str = next(each["id"] for each in companies if each["name"].startswith(name))
    for held in (await lead.get(f"/v1/entitlements?organization={found}&limit=100")).json()[
        "items"
    ]:
        await changed(lead, held, state="ended", default=False)
    return found


async def given(lead: Client, organization: str, **more: Any) -> dict[str, Any]:
    answer = await lead.post(
        "/v1/entitlements", json={"organization": organization, "template": "premium", **more}
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def changed(lead: Client, held: dict[str, Any], **changes: Any) -> httpx2.Response:
    place = f"/v1/entitlements/{held['id']}"
    read = await lead.get(place)
    return await lead.patch(place, json=changes, headers={"If-Match": read.headers["ETag"]})


async def opened(agent: Client, user: Client, **more: Any) -> dict[str, Any]:
    """A ticket that an agent opens for a user (S4-16)."""
    answer = await tried(agent, user, **more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def tried(agent: Client, user: Client, **more: Any) -> httpx2.Response:
    who = (await user.get("/v1/me")).json()["id"]
    asked = {"type": "guasto", "subject": "Nothing rings", "on_behalf_of": who, **more}
    return await agent.post("/v1/tickets", json=asked)


async def test_a_lead_gives_an_organization_an_agreement(
    lead: Client, user: Client, outsider: Client, acme: str
) -> None:
    made = await given(lead, acme, starts_on="2026-01-15", name="Premium 2026")
    assert made["label"] == "Premium 2026"
    assert made["template"] == {"key": "premium", "label": "Premium contract"}
    assert (made["starts_on"], made["ends_on"]) == ("2026-01-15", "2027-01-14")
    assert made["running"]
    assert not made["default"]
    place = f"/v1/entitlements/{made['id']}"
    assert (await user.get(place)).json() == made
    assert (await outsider.get(place)).status_code == 404
    listed = (await user.get("/v1/entitlements?running=true")).json()["items"]
    assert [each["id"] for each in listed] == [made["id"]]
    foreign = (await outsider.get("/v1/entitlements?limit=100")).json()["items"]
    assert acme not in [each["organization"]["id"] for each in foreign]


async def test_who_may_not_change_agreements_is_told_so(
    lead: Client, agent: Client, user: Client, acme: str
) -> None:
    made = await given(lead, acme)
    for who in (agent, user):
        refused = await who.post(
            "/v1/entitlements", json={"organization": acme, "template": "base"}
        )
        assert refused.status_code == 403
        assert (await changed(who, made, name="Mine")).status_code == 403
        place = f"/v1/entitlements/{made['id']}"
        tag = (await who.get(place)).headers["ETag"]
        assert (await who.delete(place, headers={"If-Match": tag})).status_code == 403


async def test_an_organization_has_one_default(lead: Client, acme: str) -> None:
    first = await given(lead, acme, template="base")
    assert first["default"], "the template says so"
    second = await given(lead, acme, default=True)
    defaults = (await lead.get(f"/v1/entitlements?organization={acme}&state=active")).json()
    assert [each["id"] for each in defaults["items"] if each["default"]] == [second["id"]]
    assert (await changed(lead, first, default=True)).json()["default"]
    again = (await lead.get(f"/v1/entitlements/{second['id']}")).json()
    assert not again["default"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"starts_on": "2026-06-01", "ends_on": "2026-05-31"}, "/ends_on"),
        ({"services": ["rete", "teleport"]}, "/services/1"),
        ({"starts_on": None}, "/starts_on"),
        ({"starts_on": "1815-06-18"}, "/starts_on"),
        ({"state": "paused"}, "/state"),
        ({"template": "gold"}, "/template"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place(
    lead: Client, acme: str, change: dict[str, Any], pointer: str
) -> None:
    made = await given(lead, acme)
    refused = await changed(lead, made, **change)
    assert refused.status_code == 422, refused.text
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


async def test_an_agreement_is_given_to_an_organization_there_is(lead: Client) -> None:
    for body, pointer in (
        (
            {"organization": "01990a5c-7c1e-7bb0-8d55-0c7a4f1f2a10", "template": "base"},
            "/organization",
        ),
        ({"organization": "01990a5c-7c1e-7bb0-8d55-0c7a4f1f2a10", "template": "gold"}, "/template"),
    ):
        refused = await lead.post("/v1/entitlements", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == pointer


async def test_an_agreement_is_taken_back_while_nothing_is_charged_to_it(
    lead: Client, agent: Client, user: Client, acme: str
) -> None:
    made = await given(lead, acme)
    place = f"/v1/entitlements/{made['id']}"
    tag = (await lead.get(place)).headers["ETag"]
    await opened(agent, user, entitlement=made["id"])
    refused = await lead.delete(place, headers={"If-Match": tag})
    assert (refused.status_code, refused.json()["code"]) == (409, "entitlement-in-use")
    unused = await given(lead, acme)
    place = f"/v1/entitlements/{unused['id']}"
    tag = (await lead.get(place)).headers["ETag"]
    assert (await lead.delete(place, headers={"If-Match": tag})).status_code == 204
    assert (await lead.get(place)).status_code == 404


async def test_a_ticket_is_charged_to_the_default_and_names_its_service_by_it(
    lead: Client, agent: Client, user: Client, outsider: Client, acme: str
) -> None:
    """S0-24, S4-14: the same service is called differently under another contract."""
    made = await given(lead, acme, default=True, name="Premium di Acme")
    ticket = await opened(agent, user, service="centralino")
    assert ticket["entitlement"] == {"id": made["id"], "name": "Premium di Acme"}
    assert ticket["service"] == {"key": "centralino", "label": "Managed TVox exchange"}
    seen = (await user.get(f"/v1/tickets/{ticket['id']}")).json()
    assert seen["entitlement"]["name"] == "Premium di Acme"
    listed = (await user.get(f"/v1/tickets?entitlement={made['id']}&sort=entitlement")).json()
    assert [item["service"]["label"] for item in listed["items"]] == ["Managed TVox exchange"]
    globex = await company(lead, "Globex")
    await given(lead, globex, template="base")
    elsewhere = await opened(agent, outsider, service="centralino")
    assert elsewhere["service"]["label"] == "TVox exchange"
    foreign = await tried(agent, outsider, entitlement=made["id"])
    assert foreign.status_code == 422
    assert foreign.json()["errors"][0]["pointer"] == "/entitlement"


async def test_null_charges_nothing_and_a_change_charges_anew(
    lead: Client, agent: Client, user: Client, acme: str
) -> None:
    default = await given(lead, acme, default=True, services=["rete"])
    other = await given(lead, acme)
    ticket = await opened(agent, user, service="rete", entitlement=None)
    assert ticket["entitlement"] is None
    uncovered = await opened(agent, user, service="centralino")
    assert uncovered["entitlement"] is None, "the default does not cover this service"

    async def patched(**change: Any) -> httpx2.Response:
        place = f"/v1/tickets/{uncovered['id']}"
        tag = (await agent.get(place)).headers["ETag"]
        return await agent.patch(place, json=change, headers={"If-Match": tag})

    refused = await patched(entitlement=default["id"])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "service-not-covered"
    assert (await patched(entitlement=other["id"])).json()["entitlement"]["id"] == other["id"]
    moved = await patched(entitlement=default["id"], service="rete")
    assert moved.json()["entitlement"]["id"] == default["id"]
    narrowed = await patched(service="contact_center")
    assert narrowed.status_code == 422
    assert narrowed.json()["errors"][0]["pointer"] == "/service"
    history = (await agent.get(f"/v1/tickets/{uncovered['id']}/history")).json()["items"]
    told = next(event for event in history if event["event"] == "ticket.changed")
    assert told["data"]["after"]["entitlement"] == default["id"]
    assert (await patched(entitlement=None)).json()["entitlement"] is None


async def test_the_form_offers_what_the_organization_has(
    lead: Client, agent: Client, user: Client, outsider: Client, acme: str
) -> None:
    premium = await given(lead, acme, default=True, services=["centralino", "rete"])
    await given(lead, acme, starts_on="2190-01-01", name="Not yet")
    ended = await given(lead, acme, name="No more")
    await changed(lead, ended, state="ended")

    async def fields(who: Client, **answers: Any) -> dict[str, Any]:
        shown = (await who.post("/v1/forms/ticket/resolve", json=answers)).json()
        return {field["key"]: field for page in shown["pages"] for field in page["fields"]}

    for who, beside in ((user, {}), (agent, {"organization": acme})):
        asked = await fields(who, **beside)
        label = "Premium contract"
        assert asked["entitlement"]["choices"] == [{"key": premium["id"], "label": label}]
        assert asked["entitlement"]["default"] == premium["id"]
        assert [choice["label"] for choice in asked["service"]["choices"]] == [
            "Managed TVox exchange",
            "Network and lines",
        ]
    asked = await fields(user, entitlement=None)
    assert len(asked["service"]["choices"]) == 3
    assert (await fields(agent))["entitlement"]["choices"] is None
    assert premium["id"] not in str(await fields(outsider, organization=acme))

    shown = (await user.get("/v1/catalogue")).json()
    assert [(each["id"], each["default"]) for each in shown["entitlements"]] == [
        (premium["id"], True)
    ]
    assert shown["services"][0]["label"] == "Managed TVox exchange"
    assert (await agent.get("/v1/catalogue")).json()["entitlements"] == []


async def test_a_stranger_to_the_organization_reads_no_name_of_its_agreement(
    lead: Client, agent: Client, user: Client, outsider: Client, acme: str
) -> None:
    await given(lead, acme, default=True, name="Secret terms")
    ticket = await opened(agent, user, service="rete")
    who = (await outsider.get("/v1/me")).json()["id"]
    await agent.post(f"/v1/tickets/{ticket['id']}/participants", json={"person": who})
    seen = (await outsider.get(f"/v1/tickets/{ticket['id']}")).json()
    assert seen["entitlement"] == {"id": ticket["entitlement"]["id"], "name": None}
    assert seen["service"]["label"] == "Network and lines"
