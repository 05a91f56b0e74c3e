"""Entity tags (RFC 9110, 8.8): `"<version>-<digest of the body>"`.

`If-None-Match` compares all of it, because labels, language and allowed actions change without a
new version; `If-Match` compares the version alone, so that such a change does not refuse a
write."""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from app.web.problems import InvalidPrecondition, PreconditionRequired

_TAG = re.compile(r'^(?:W/)?"(\d{1,10})-[0-9a-f]{16}"$')


def set_version(request: Request, version: int) -> None:
    """Called by a router: the answer shows a resource in this version."""
    request.state.version = version


def tag(request: Request, response: Response) -> None:
    """Set the entity tag of an answer."""
    version = getattr(request.state, "version", 0)
    digest = hashlib.blake2b(bytes(response.body), digest_size=8).hexdigest()
    response.headers["ETag"] = f'"{version}-{digest}"'


def not_modified(request: Request, response: Response) -> Response | None:
    """Answer 304 instead, when the client already has this answer."""
    held = request.headers.get("if-none-match")
    if held is None:
        return None
    current = response.headers["ETag"]
    tags = {part.strip().removeprefix("W/") for part in held.split(",")}
    if current not in tags and "*" not in tags:
        return None
    kept = ("etag", "vary", "cache-control", "content-language")
    headers = {name: value for name, value in response.headers.items() if name in kept}
    return Response(status_code=304, headers=headers)


async def required_version(request: Request) -> int | None:
    """The version that `If-Match` names, `None` for `*` (any); where it was not sent, 428."""
    if "if-match" not in request.headers:
        raise PreconditionRequired
    return await sent_version(request)


async def sent_version(request: Request) -> int | None:
    """The version that `If-Match` names, where it was sent; `*` names any."""
    sent = request.headers.get("if-match")
    if sent is None or sent.strip() == "*":
        return None
    match = _TAG.match(sent.strip())
    if match is None:
        raise InvalidPrecondition
    return int(match[1])


RequiredVersion = Annotated[int | None, Depends(required_version)]
SentVersion = Annotated[int | None, Depends(sent_version)]
