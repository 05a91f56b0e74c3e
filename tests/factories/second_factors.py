"""Second factors for tests: authenticator apps, and the way in with one."""

from typing import Any

import httpx2
import pyotp

from tests.factories.people import PASSWORD, Clock, Newcomer, try_to_sign_in

Client = httpx2.AsyncClient
FACTORS = "/v1/me/factors"


class App:
    """Somebody's authenticator app."""

    def __init__(self, enrolment: dict[str, Any]) -> None:
        self.id = enrolment["id"]
        assert f"secret={enrolment['secret']}" in enrolment["otpauth_uri"]
        self._totp = pyotp.TOTP(enrolment["secret"])

    def code(self, clock: Clock) -> str:
        """What it shows now."""
        return self._totp.at(clock.now)


async def begun(client: Client, label: str = "Phone") -> App:
    answer = await client.post(FACTORS, json={"label": label, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return App(answer.json())


async def confirmed(client: Client, hands: Clock, label: str = "Phone") -> tuple[App, list[str]]:
    """An app whose first code was shown, and the recovery codes that came with it."""
    app = await begun(client, label)
    answer = await client.post(f"{FACTORS}/{app.id}/confirmation", json={"code": app.code(hands)})
    assert answer.status_code == 200, answer.text
    hands.forward(seconds=30)
    return app, answer.json()["items"]


async def challenged(client: Client, who: Newcomer, **more: str) -> str:
    """What a right password gets whoever has a second factor."""
    answer = await try_to_sign_in(client, who.email, **more)
    assert answer.status_code == 201
    state = answer.json()
    assert state["state"] == "second_factor_required"
    assert state["access_token"] is None
    assert "set-cookie" not in answer.headers
    return str(state["challenge"])


async def give(client: Client, challenge: str, **proof: str) -> httpx2.Response:
    return await client.post(f"/v1/sessions/{challenge}/factor", json=proof)
