"""What comes of it when somebody is back from a provider."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.actions import link, sign_in_as
from app.domain.federation.arriving import Arrival
from app.domain.invitations.accepting import redeem_elsewhere
from app.domain.sign_in.tokens import Origin, Tokens


async def conclude(
    session: AsyncSession, system: Actor, arrival: Arrival, *, origin: Origin
) -> Tokens | None:
    """Let in, link, or redeem, as it was begun. Answers the new session, where there is one."""
    match arrival.attempt.purpose:
        case "link":
            await link(session, system, arrival)
            return None
        case "invitation":
            return await redeem_elsewhere(session, system, arrival, origin=origin)
        case _:
            return await sign_in_as(session, system, arrival, origin=origin)
