"""Service accounts act by their keys, and never sign in."""

from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.keys import ALL_TICKETS, calling, key_of, service_account
from tests.factories.people import changed
from tests.refusals import refusal


async def test_a_service_account_acts_by_its_key_and_never_signs_in(
    desk: Desk, admin: AsyncClient
) -> None:
    robot = await service_account(admin)
    made = await key_of(admin, *ALL_TICKETS, person=robot)
    script = calling(desk, made)
    me = (await script.get("/v1/me")).json()
    assert (me["id"], me["service"], me["email"]) == (robot, True, None)
    assert refusal(await admin.post(f"/v1/people/{robot}/activation")) == (422, "cannot-sign-in")
    for change in ({"email": "robot@people.example"}, {"phone": "+358401234567"}):
        assert refusal(await changed(admin, robot, **change)) == (422, "reach-of-service")
    assert (await changed(admin, robot, name="Robot 2")).status_code == 200
    assert (await changed(admin, robot, state="inactive")).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401


async def test_a_service_accounts_key_does_not_outgrow_whoever_makes_it(
    admin: AsyncClient, lead: AsyncClient
) -> None:
    robot = await service_account(admin, role="agent")
    sent = {"name": "Key", "scopes": ["roles:assign"], "person": robot}
    assert refusal(await admin.post("/v1/api-keys", json=sent)) == (422, "scopes-above-ones-own")
    # A lead keeps no service accounts.
    new = {"name": "Robot", "side": "agent", "role": "agent", "service": True}
    assert refusal(await lead.post("/v1/people", json=new)) == (403, "forbidden")
    assert refusal(await changed(lead, robot, name="Mine")) == (403, "forbidden")


async def test_a_person_needs_an_address_and_a_service_account_has_none(admin: AsyncClient) -> None:
    nobody = await admin.post("/v1/people", json={"name": "Nobody"})
    assert refusal(nobody) == (422, "email-invalid")
    both = {"name": "Robot", "side": "agent", "role": "agent", "service": True}
    answer = await admin.post("/v1/people", json={**both, "email": "robot@people.example"})
    assert refusal(answer) == (422, "reach-of-service")
