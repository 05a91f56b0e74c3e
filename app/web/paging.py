"""Pages over HTTP: opaque cursors, `Link: …; rel="next"`."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response

from app.database.paging import Position, SortKey
from app.kernel import base64url
from app.kernel.ids import parse_id
from app.web.problems import InvalidCursor

_NOT_FILTERS = frozenset({"cursor", "limit", "include", "sort"})
#: The widest column of numbers that a list is sorted by.
_NUMBERS = range(-(2**31), 2**31)


class PageQuery(Protocol):
    """What the query of every list has."""

    @property
    def limit(self) -> int: ...
    @property
    def cursor(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is asked for: how it is sorted and behind which row it begins."""

    sort: str
    descending: bool
    after: Position | None
    limit: int


def requested(
    request: Request, query: PageQuery, sort: str, sorts: Mapping[str, SortKey]
) -> PageRequest:
    """The page that `query` asks for, in the order `sort`: a key of `sorts`, with `-` before it
    downwards. Raises `InvalidCursor` for a cursor of another list, filter or sort."""
    name, after = sort.removeprefix("-"), None
    if query.cursor is not None:
        after = _read(query.cursor, sort, _filter_digest(request), sorts[name])
    return PageRequest(name, sort.startswith("-"), after, query.limit)


def listing(
    request: Request,
    response: Response,
    page: PageRequest,
    items: Sequence[Any],
    next_: Position | None,
    total: int | None = None,
) -> dict[str, Any]:
    """A page as it is answered, with the `Link` to the next one."""
    cursor = None
    if next_ is not None:
        sort = f"-{page.sort}" if page.descending else page.sort
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
    return base64url.encode(packed)


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
