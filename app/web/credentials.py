"""The credential that a caller sends, before it is checked: callers are counted by it."""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

COOKIE = "__Host-skranke"


def shown_in(headers: Headers) -> str:
    """The token of a request, else its session cookie; empty where there is neither. The same for
    every way of writing it, and whatever else is sent beside it: otherwise a caller could count as
    a new one with each request."""
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        return token.strip() or scheme
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
