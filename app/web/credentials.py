"""What a caller shows, before anybody looks at what it is good for: by it he is counted."""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

COOKIE = "__Host-skranke"


def shown_in(headers: Headers) -> str:
    """The token that a request carries, else its session cookie; empty where it has neither.

    However it is written, and whatever else stands beside it: whoever spelled his own in a new way
    for each request would be somebody new each time."""
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        return token.strip() or scheme
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
