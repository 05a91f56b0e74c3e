"""Lists as CSV (RFC 4180): streamed page by page; no cell is taken for a formula by a
spreadsheet."""

import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response, StreamingResponse

from app.access.actor import Actor
from app.database.paging import Page, Position
from app.web.authentication import authenticate

MEDIA_TYPE = "text/csv"
#: What a spreadsheet would take for the beginning of a formula: at the beginning of a cell, and
#: behind a sign that ends one where lists are parted otherwise (by semicolons, in most of Europe).
_FORMULA = re.compile(r"(^|[;\t\r\n|])(?=[ \u00a0]*[=+\-@\t\r\n＝＋－＠])")
#: `responses=` of a route that answers a table beside JSON.
CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Content-Disposition": {"$ref": "#/components/headers/Content-Disposition"},
        },
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}
Row = TypeVar("Row")


def wanted(request: Request, format_: str) -> bool:
    """Whether the caller asks for a table, by parameter or by `Accept`."""
    first = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower()
    return format_ == "csv" or first == MEDIA_TYPE


def line(cells: Iterable[Any]) -> str:
    """One row of a table. A text that looks like a formula is quoted."""
    out = io.StringIO()
    csv.writer(out).writerow([_cell(value) for value in cells])
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return _FORMULA.sub(r"\1'", str(value))


def streamed(
    request: Request,
    name: str,
    head: Sequence[str],
    first: Page[Row],
    following: Callable[[AsyncSession, Actor, Position], Awaitable[Page[Row]]],
    cells: Callable[[Row], Iterable[Any]],
) -> Response:
    """A table whose first page is there. Each further page is read in a transaction of its own as
    the caller: when his access ends meanwhile, the table breaks off."""

    async def lines() -> AsyncIterator[str]:
        yield "\ufeff" + line(head)  # so that spreadsheets know it is UTF-8
        page = first
        while True:
            yield "".join(line(cells(row)) for row in page.rows)
            if page.next is None:
                return
            async with request.app.state.database.session() as session:
                actor = await authenticate(request, session)
                page = await following(session, actor, page.next)

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(lines(), media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)
