"""After a provider's callback: sign in, link the account or accept the invitation, as was begun."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.actions import link, sign_in_as
from app.domain.federation.callback import Callback
from app.domain.invitations.accepting import redeem_elsewhere
from app.domain.sign_in.tokens import Origin, Tokens


async def finish(
    session: AsyncSession, system: Actor, callback: Callback, *, origin: Origin
) -> Tokens | None:
    """Do what the attempt was begun for. Returns the new session's tokens; linking has none."""
    match callback.attempt.purpose:
        case "link":
            await link(session, system, callback)
            return None
        case "invitation":
            return await redeem_elsewhere(session, system, callback, origin=origin)
        case _:
            return await sign_in_as(session, system, callback, origin=origin)
