"""Who ends somebody's access, and who may open it again: the provider's word is not taken back on
the customer's side."""

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.people import Newcomer, changed, newcomer, signed_in, try_to_sign_in

Client = httpx2.AsyncClient


@pytest.fixture
async def boss(desk: Desk) -> Newcomer:
    """A company admin."""
    return await newcomer(desk, role="paakayttaja")


@pytest.fixture
async def colleague(desk: Desk, boss: Newcomer) -> Newcomer:
    """Somebody of his company."""
    return await newcomer(desk, organization=boss.organization)


async def standing(client: Client, person: Newcomer) -> tuple[str, str | None]:
    shown = (await client.get(f"/v1/people/{person.id}")).json()
    return shown["state"], shown["shut_out_by"]


async def test_whom_the_provider_shut_out_the_provider_alone_lets_in_again(
    desk: Desk, boss: Newcomer, colleague: Newcomer, agent: Client
) -> None:
    admin = await signed_in(desk, boss)
    assert (await changed(agent, colleague.id, state="inactive")).status_code == 200
    refused = await changed(admin, colleague.id, state="active")
    assert (refused.status_code, refused.json()["code"]) == (403, "shut-out-by-provider")
    assert await standing(admin, colleague) == ("inactive", "provider")
    again = {"person": colleague.id, "organization": boss.organization, "role": "perus"}
    assert (await admin.post("/v1/invitations", json=again)).status_code in {403, 409, 422}
    assert (await try_to_sign_in(desk.anybody(), colleague.email)).status_code == 401
    assert (await changed(agent, colleague.id, state="active")).status_code == 200
    assert await standing(agent, colleague) == ("active", None)
    assert (await try_to_sign_in(desk.anybody(), colleague.email)).status_code == 201


async def test_whom_a_company_admin_shut_out_both_sides_let_in_again(
    desk: Desk, boss: Newcomer, colleague: Newcomer, agent: Client
) -> None:
    admin = await signed_in(desk, boss)
    for who in (admin, agent):
        assert (await changed(admin, colleague.id, state="inactive")).status_code == 200
        assert await standing(agent, colleague) == ("inactive", "customer")
        assert (await changed(who, colleague.id, state="active")).status_code == 200
        assert await standing(agent, colleague) == ("active", None)


async def test_the_provider_may_shut_out_whom_the_company_has_shut_out(
    desk: Desk, boss: Newcomer, colleague: Newcomer, agent: Client
) -> None:
    admin = await signed_in(desk, boss)
    await changed(admin, colleague.id, state="inactive")
    assert (await changed(agent, colleague.id, state="inactive")).status_code == 200
    # Nor does the customer's word make it his own again.
    assert (await changed(admin, colleague.id, state="inactive")).status_code == 200
    assert await standing(agent, colleague) == ("inactive", "provider")
    refused = await changed(admin, colleague.id, state="active")
    assert refused.json()["code"] == "shut-out-by-provider"
