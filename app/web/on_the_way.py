"""The cookie that binds a way to a provider and back to the browser that began it.

Each way has one of its own, so that two tabs do not disturb each other.
"""

from fastapi import Request, Response

from app.domain.federation.starting import Departure

_NAME = "__Host-skranke-way-"
_PART = 12


def keep_way(response: Response, departure: Departure) -> None:
    """Let the browser keep the secret of its way until it is back."""
    response.set_cookie(
        _name(departure.state),
        departure.browser_secret,
        max_age=departure.seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def way_of(request: Request, state: str) -> str | None:
    """The secret of the way with this state, if this browser began it."""
    return request.cookies.get(_name(state)) if _is_ours(state) else None


def forget_way(response: Response, state: str) -> None:
    """The way is over."""
    if _is_ours(state):
        response.delete_cookie(_name(state), path="/", secure=True, httponly=True, samesite="lax")


def _is_ours(state: str) -> bool:
    return _PART < len(state) < 100 and state.replace("-", "").replace("_", "").isalnum()


def _name(state: str) -> str:
    return f"{_NAME}{state[-_PART:]}"
