"""What a sign-in asks of the database: few statements, as at nine o'clock everybody waits for
them."""

from tests.desk import Desk
from tests.factories.people import new_network, newcomer, try_to_sign_in


async def test_a_sign_in_takes_eleven_statements(desk: Desk, asked: list[str]) -> None:
    who = await newcomer(desk)
    async with desk.anybody(address=new_network()) as client:
        for _ in range(2):
            asked.clear()
            assert (await try_to_sign_in(client, who.email)).status_code == 201
            assert len(asked) <= 11, asked


async def test_a_refusal_takes_as_many_for_somebody_unknown(desk: Desk, asked: list[str]) -> None:
    who = await newcomer(desk)
    async with desk.anybody(address=new_network()) as client:
        counted = []
        for address in (who.email, "nobody@nowhere.example"):
            asked.clear()
            refused = await try_to_sign_in(client, address, "not the password at all")
            assert refused.status_code == 401
            counted.append([each for each in asked if "portal_definitions" not in each])
        assert counted[0] == counted[1]
