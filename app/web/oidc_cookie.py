"""The cookie that binds a sign-in at a provider to the browser that began it (RFC 9700, 4.7).

Each attempt has a cookie of its own, so that two tabs do not disturb each other.
"""

from fastapi import Request, Response

from app.domain.federation.authentication_request import AuthenticationRequest

_NAME = "__Host-skranke-way-"
_PART = 12


def keep_attempt(response: Response, outgoing: AuthenticationRequest) -> None:
    """Let the browser keep the secret of its attempt until the callback."""
    response.set_cookie(
        _name(outgoing.state),
        outgoing.browser_secret,
        max_age=outgoing.seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def secret_of_attempt(request: Request, state: str) -> str | None:
    """The secret of the attempt with this state, if this browser began it."""
    return request.cookies.get(_name(state)) if _is_ours(state) else None


def forget_attempt(response: Response, state: str) -> None:
    """Delete the cookie: the attempt is over."""
    if _is_ours(state):
        response.delete_cookie(_name(state), path="/", secure=True, httponly=True, samesite="lax")


def _is_ours(state: str) -> bool:
    return _PART < len(state) < 100 and state.replace("-", "").replace("_", "").isalnum()


def _name(state: str) -> str:
    return f"{_NAME}{state[-_PART:]}"
