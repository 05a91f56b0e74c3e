"""One's own address opens one's account: it is changed by whoever has just signed in."""

from tests.desk import Desk
from tests.factories.keys import calling, key_of
from tests.factories.people import Clock, changed, new_address, newcomer, signed_in


async def test_an_agents_own_address_takes_a_sign_in_of_the_last_minutes(
    desk: Desk, hands: Clock
) -> None:
    who = await newcomer(desk, side="agent", role="tenant_admin")
    client = await signed_in(desk, who)
    hands.forward(minutes=8)
    assert (await changed(client, who.id, email=new_address())).status_code == 200


async def test_a_session_that_goes_on_is_no_sign_in(desk: Desk, hands: Clock) -> None:
    who = await newcomer(desk, side="agent", role="agent")
    sent = {"email": who.email, "password": who.password}
    come = (await desk.anybody().post("/v1/portals/crm-service/sessions", json=sent)).json()
    hands.forward(minutes=16)
    going_on = {"refresh_token": come["refresh_token"]}
    again = (await desk.anybody().post("/v1/sessions/refresh", json=going_on)).json()
    client = desk.anybody(Authorization=f"Bearer {again['access_token']}")
    refused = await changed(client, who.id, email=new_address())
    assert (refused.status_code, refused.json()["code"]) == (403, "sign-in-again")
    assert (await changed(client, who.id, name="Another Name")).status_code == 200
    shown = (await client.get("/v1/me")).json()
    assert (shown["email"], shown["name"]) == (who.email, "Another Name")


async def test_no_key_changes_it(desk: Desk) -> None:
    who = await newcomer(desk, side="agent", role="lead")
    key = await key_of(await signed_in(desk, who), "people:read", "people:write")
    refused = await changed(calling(desk, key), who.id, email=new_address())
    assert refused.status_code == 403
