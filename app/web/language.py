"""Which language this request is answered in: the person's own, else what the client asks for."""

from fastapi import Request

from app.access.actor import Actor
from app.kernel import locale


def settle(request: Request, actor: Actor | None = None) -> None:
    """Set the language of the request: the actor's own setting wins over `Accept-Language`."""
    asked = locale.negotiate(request.headers.get("accept-language"))
    language = (actor.language if actor else None) or asked or locale.FALLBACK
    request.state.language = language
    locale.current.set(language)
