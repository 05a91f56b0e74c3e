"""Downloads: stored bytes as an answer, whole or a range, that no browser runs or displays as a
page.

The transaction ends before the first byte: it only says which file. Ranges as RFC 9110, 14 (one at
a time), names as RFC 6266."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from app.access.actor import Actor
from app.database.tenancy import AsSystem, stand_behind
from app.domain.attachments.addresses import DownloadGrant, read_download
from app.gateways.storage import Storage
from app.kernel.problems import Problem
from app.web import problem_json
from app.web.route import Handler, UnitOfWorkRoute

_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}
_PLAIN_NAME = re.compile(r"[^A-Za-z0-9 !#$&'()+,.;=@\[\]^_`{}~-]")


class RangeNotSatisfiable(Problem):
    """The part asked for lies behind the end of the file."""

    code = "range-not-satisfiable"
    status = 416
    title = "The file has no such part"
    detail = "It has {size} bytes."


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """The bytes that a route answers with. `inline` only for what we encoded ourselves."""

    key: str
    size: int | None
    media_type: str
    name: str
    etag: str
    inline: bool = False


class DownloadRoute(UnitOfWorkRoute):
    """A route whose function answers `send(StoredFile(…))`."""

    def get_route_handler(self) -> Handler:
        in_unit_of_work = super().get_route_handler()

        async def handle(request: Request) -> Response:
            response = await in_unit_of_work(request)
            if not isinstance(response, _Told):
                return response
            try:
                return await _opened(response.file, request)
            except Problem as problem:
                return problem_json.respond(request, problem)

        return handle


@dataclass(frozen=True, slots=True)
class GrantedDownload:
    """What a signed address grants, and the system of its tenant to look for it."""

    grant: DownloadGrant
    system: Actor


def enter_by_address(request: Request, token: str) -> GrantedDownload:
    """On a public route: read the signed address and enter its tenant. Raises
    `DownloadAddressEnded`."""
    grant = read_download(request.app.state.signer, token)
    stand_behind(request.state.session, AsSystem(grant.tenant_id))
    return GrantedDownload(grant, Actor.system(grant.tenant_id))


def send(file: StoredFile) -> Response:
    """What a function of a `DownloadRoute` returns."""
    return _Told(file)


class _Told(Response):
    def __init__(self, file: StoredFile) -> None:
        super().__init__()
        self.file = file


async def _opened(file: StoredFile, request: Request) -> Response:
    """The answer with its first bytes at hand: a storage that is away is answered, not broken
    off."""
    headers = {**_HARMLESS, "ETag": f'"{file.etag}"'}
    if _held(request, file.etag):
        return Response(status_code=304, headers=headers)
    # A header, not `media_type`: Starlette would add a charset that nobody has looked for.
    headers |= {"Content-Type": file.media_type, "Content-Disposition": _disposition(file)}
    if file.size is None:
        return StreamingResponse(await _bytes(file, request), headers=headers)
    status, start, end = _part(request, file.etag, file.size)
    headers |= {"Content-Length": str(end - start), "Accept-Ranges": "bytes"}
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return StreamingResponse(await _bytes(file, request, start, end), status, headers)


async def _bytes(
    file: StoredFile, request: Request, start: int = 0, end: int | None = None
) -> AsyncIterator[bytes] | tuple[()]:
    """The bytes of the answer; the storage is not asked where only the head of it is wanted."""
    if request.method == "HEAD":
        return ()
    storage: Storage = request.app.state.storage
    return await storage.get(file.key, start=start, end=end)


def _held(request: Request, etag: str) -> bool:
    held = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in {f'"{etag}"', "*"} for tag in held.split(","))


def _part(request: Request, etag: str, size: int) -> tuple[int, int, int]:
    """Status and the bytes `[start, end)` to send. What is no single range is ignored."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or request.headers.get("if-range", f'"{etag}"') != f'"{etag}"':
        return 200, 0, size
    first, last, suffix = asked.groups()
    start = max(size - int(suffix), 0) if suffix else int(first)
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return 200, 0, size
    if start >= size:
        headers = {"Content-Range": f"bytes */{size}"}
        raise RangeNotSatisfiable(size=size, headers=headers)
    return 206, start, end


def _disposition(file: StoredFile) -> str:
    kind = "inline" if file.inline else "attachment"
    plain = _PLAIN_NAME.sub("_", file.name)
    exact = quote(file.name, safe="")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{exact}"
