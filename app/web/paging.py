"""Pages over HTTP: opaque cursors, `Link: …; rel="next"`."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response

from app.database.paging import Position, SortKey
from app.kernel.ids import parse_id
from app.web.problems import InvalidCursor

_NOT_FILTERS = frozenset({"cursor", "limit", "include", "sort"})
#: The widest column of numbers that a list is sorted by.
_NUMBERS = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Paging:
    """What a list was asked for: how it is sorted and behind which row it begins."""

    sort: str
    descending: bool
    after: Position | None
    limit: int


def asked(
    request: Request, *, sort: str, limit: int, cursor: str | None, sorts: dict[str, SortKey]
) -> Paging:
    """Read a list's paging. Raises `InvalidCursor` for one of another list, filter or sort."""
    name = sort.removeprefix("-")
    after = None if cursor is None else _read(cursor, sort, _filter_digest(request), sorts[name])
    return Paging(name, sort.startswith("-"), after, limit)


def listing(
    request: Request,
    response: Response,
    paging: Paging,
    items: Sequence[Any],
    next_: Position | None,
    total: int | None = None,
) -> dict[str, Any]:
    """A page as it is answered, with the `Link` to the next one."""
    cursor = None
    if next_ is not None:
        sort = f"-{paging.sort}" if paging.descending else paging.sort
        cursor = _write(next_, sort, _filter_digest(request))
        said = [each for each in request.query_params.multi_items() if each[0] != "cursor"]
        following = f"{request.url.path}?{urlencode([*said, ('cursor', cursor)])}"
        response.headers["Link"] = f'<{following}>; rel="next"'
    return {"items": items, "next_cursor": cursor, "total": total}


def _filter_digest(request: Request) -> str:
    """What the cursor is tied to: the path and every filter, but not the page's size. The sort
    stands in it by itself, as it may be left to the list."""
    parts = sorted(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in _NOT_FILTERS
    )
    return hashlib.blake2b(repr((request.url.path, parts)).encode(), digest_size=8).hexdigest()


def _write(position: Position, sort: str, digest: str) -> str:
    packed = orjson.dumps([sort, digest, position.value, str(position.id)])
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _read(cursor: str, sort: str, digest: str, key: SortKey) -> Position:
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        held_sort, held_digest, value, row_id = orjson.loads(packed)
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidCursor from error
    found = parse_id(row_id) if isinstance(row_id, str) else None
    if found is None or held_sort != sort or held_digest != digest:
        raise InvalidCursor
    return Position(_value(value, key), found)


def _value(value: Any, key: SortKey) -> Any:
    if value is None and key.nullable:
        return None
    if key.kind is datetime and isinstance(value, str):
        return _moment(value)
    if key.kind is int and type(value) is int and value in _NUMBERS:
        return value
    if key.kind is str and isinstance(value, str) and "\0" not in value:
        return value
    raise InvalidCursor


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidCursor from error
    if moment.tzinfo is None:
        raise InvalidCursor
    return moment
