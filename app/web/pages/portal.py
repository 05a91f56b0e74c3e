"""The portal a page belongs to: its look, and where it may lead people."""

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.authentication_request import origins_of
from app.domain.federation.lifecycle import may_return_to
from app.domain.tenants.definition import Definition
from app.domain.tenants.queries import definition_of
from app.kernel import locale
from app.web.pages.rendering import look_of


async def portal_of(request: Request, session: AsyncSession, actor: Actor) -> Definition:
    """The portal's definition; from here on this request's pages have its look, and its language
    where the browser asks for none of ours."""
    definition = await definition_of(session, actor)
    if locale.negotiate(request.headers.get("accept-language")) is None:
        locale.current.set(actor.language or definition.portal.default_language)
    request.state.look = look_of(definition)
    return definition


def onward_of(definition: Definition, asked: str) -> str:
    """Where somebody goes who is done here: where he wanted to, where that is ours to lead to;
    else to the portal."""
    if asked and may_return_to(asked, origins_of(definition)):
        return asked
    return definition.portal.address or f"/portals/{definition.portal.slug}/signed-in"
