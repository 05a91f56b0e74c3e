"""Sessions, forms and download addresses: whose they are, and what they open."""

from uuid import uuid4

import pytest

from tests.isolation import law
from tests.isolation.asking import cases, told
from tests.isolation.world import ROLES, World


async def test_a_session_is_ended_by_nobody_else(world: World) -> None:
    of = {}
    for role in ("company admin", "lead", "member"):
        client = await world.client(role)
        own = (await client.get("/v1/me/sessions")).json()["items"]
        of[role] = next(each["id"] for each in own if each["current"])
    for role in of:
        client = await world.client(role)
        random = told(await client.delete(f"/v1/me/sessions/{uuid4()}"))
        for other, session in of.items():
            if other != role:
                assert told(await client.delete(f"/v1/me/sessions/{session}")) == random
        assert random[0] == 404
        assert (await client.get("/v1/me")).status_code == 200


async def test_signing_out_ends_the_session_and_no_other(world: World) -> None:
    slug, address = ROLES["agent elsewhere"]
    desk = world.desk
    extra = await desk.sign_in(address, desk.password_of(address, slug), slug)
    assert (await extra.delete("/v1/sessions/current")).status_code == 204
    assert (await extra.get("/v1/me")).status_code == 401
    assert (await (await world.client("agent elsewhere")).get("/v1/me")).status_code == 200


async def test_signing_out_everywhere_else_leaves_the_one_that_asks_and_other_people(
    world: World,
) -> None:
    slug, address = "sensedesk", "caretaker@sensedesk.example"
    desk = world.desk
    password = desk.password_of(address, slug)
    one, other = [await desk.sign_in(address, password, slug) for _ in range(2)]
    lead = await world.client("lead")
    assert (await one.delete("/v1/me/sessions")).status_code == 204
    assert (await one.get("/v1/me")).status_code == 200
    assert (await other.get("/v1/me")).status_code == 401
    assert (await lead.get("/v1/me")).status_code == 200
    desk.forget(address, slug)


@pytest.mark.parametrize("role", ROLES)
async def test_forms_are_those_of_ones_tenant_side_and_sight(world: World, role: str) -> None:
    client = await world.client(role)
    seen = {"sensedesk": "it_question", "crm-service": "ticket", "tvox": "ticket"}
    slug = world.portal_of(role).slug
    random = told(await client.get("/v1/forms/no-such"))
    foreign = "equipment" if slug != "sensedesk" else "ticket"
    assert told(await client.get(f"/v1/forms/{foreign}")) == random
    blind = {"agent elsewhere", "confidant"}
    if role not in blind:
        assert (await client.get(f"/v1/forms/{seen[slug]}")).status_code == 200
        assert (await client.post(f"/v1/forms/{seen[slug]}/resolve", json={})).status_code == 200
    catalogue = (await client.get("/v1/catalogue")).json()
    offered = {form["key"] for box in catalogue["departments"] for form in box["forms"]}
    if role in {"agent", "department agent", "agent elsewhere"}:
        assert told(await client.get("/v1/forms/hr_matter")) == random
        assert "hr_matter" not in offered
        answer = await client.post("/v1/forms/hr_matter/resolve", json={})
        assert answer.json()["code"] == "form-not-found"
    if role in {"confidant", "lead", "company admin"}:
        assert "hr_matter" in offered


@pytest.mark.parametrize("role", ["company admin", "agent", "user"])
async def test_a_download_address_opens_one_file_for_whoever_may_have_it(
    world: World, role: str
) -> None:
    client, nobody = await world.client(role), await world.client("nobody")
    for name, file, level in cases(world, role, "attachment"):
        entry = await client.get(f"/v1/attachments/{file.id}")
        if level == "-":
            assert "download_url" not in entry.text, name
            continue
        url = entry.json()["download_url"]
        path = url[url.index("/v1/") :]
        assert (await nobody.get(path)).content == b"for your eyes"
        spoilt = path[:-1] + ("A" if path[-1] != "A" else "B")
        assert (await nobody.get(spoilt)).status_code in {404, 410}
        break


@pytest.mark.parametrize("role", law.CUSTOMERS)
async def test_a_customer_is_shown_roles_of_his_side_alone(world: World, role: str) -> None:
    roles = (await (await world.client(role)).get("/v1/roles")).json()["items"]
    assert {each["side"] for each in roles} == {"customer"}
