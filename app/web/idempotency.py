"""`Idempotency-Key`: a repeated request takes effect once. Its record shares the transaction."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import BigInteger, Table, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.access.actor import Actor
from app.database.asking import Question
from app.kernel import clock
from app.models.idempotency import IdempotencyRecord
from app.web.problems import (
    AlreadyCreated,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
)

_KEY = re.compile(r'^(?:"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$')
_KEPT_HEADERS = ("content-type", "location", "etag", "link", "content-language")
_SUCCESS = range(200, 300)
_MADE = re.compile(r"^/v1/([a-z-]+)/([0-9a-f-]+)")
#: What stands in a `Location` → the path parameter that names such a thing.
_NOUNS: Mapping[str, str] = {
    "api-keys": "api_key",
    "apps": "app",
    "tickets": "ticket",
    "attachments": "attachment",
    "entitlements": "entitlement",
    "organizations": "organization",
    "people": "person",
    "programs": "program",
}

_records: Table = IdempotencyRecord.__table__  # type: ignore[assignment]
_LOCK = Question(
    select(func.pg_try_advisory_xact_lock(bindparam("lock", type_=BigInteger())).label("taken"))
)
_HELD = Question(
    select(_records.c.request_digest, _records.c.status, _records.c.headers, _records.c.body).where(
        *(column == bindparam(column.name) for column in _records.primary_key)
    )
)
_KEEP = Question(
    insert(_records).values(
        {column.name: bindparam(column.name, type_=column.type) for column in _records.columns}
    )
)

#: Path parameter → a look at whether the caller may still see what it names (else 404). A replay
#: shows nothing that a fresh request could not.
Guards = Mapping[str, Callable[[AsyncSession, Actor, str], Awaitable[Any]]]


class Claim:
    """One caller's key on one path: replay the stored answer, or store the answer when there is
    one."""

    def __init__(self, request: Request, session: AsyncSession, actor: Actor, key: str) -> None:
        self._session = session
        self._actor = actor
        self._request = request
        self._place = {
            "tenant_id": actor.tenant_id,
            "caller_id": actor.person,
            "method": request.method,
            "path": request.url.path,
            # A key or an app of somebody's is another caller: it may less than he, so it is shown
            # less.
            "key": key if actor.in_person else f"{_through(actor)}:{key}",
        }

    async def replay(self, body: bytes, guards: Guards) -> Response | None:
        """The stored answer to this same request; `None` for the first one.

        Takes a lock first: a second request at the same time is refused, and does not wait."""
        query = self._request.url.query.encode()
        self._digest = hashlib.sha256(body + b"?" + query if query else body).digest()
        name = "|".join(str(part) for part in self._place.values())
        lock = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        if not (await _LOCK.row(self._session, {"lock": lock})).taken:
            raise IdempotencyInProgress(headers={"Retry-After": "1"})
        record = await _HELD.row(self._session, self._place)
        if record is None:
            return None
        if record.request_digest != self._digest:
            raise IdempotencyKeyReused
        await self._still_allowed(record, guards)
        if record.body is None:
            raise AlreadyCreated
        return Response(
            record.body,
            status_code=record.status,
            headers={**record.headers, "Idempotent-Replayed": "true"},
        )

    async def _still_allowed(self, record: Any, guards: Guards) -> None:
        named = dict(self._request.path_params)
        made = _MADE.match(str(record.headers.get("location", "")))
        if made and made[1] in _NOUNS:
            named.setdefault(_NOUNS[made[1]], made[2])
        for name, value in named.items():
            if name in guards:
                await guards[name](self._session, self._actor, str(value))

    async def keep(self, response: Response, *, secret: bool) -> None:
        """Store a successful answer. When it carries a secret, its body is not stored."""
        if response.status_code not in _SUCCESS:
            return
        kept = {
            "request_digest": self._digest,
            "status": response.status_code,
            "headers": {
                name: value for name, value in response.headers.items() if name in _KEPT_HEADERS
            },
            "body": None if secret else bytes(response.body),
            "created_at": clock.now(),
        }
        await _KEEP.rows(self._session, self._place | kept)


def _through(actor: Actor) -> UUID | None:
    return actor.api_key_id or actor.app_id or actor.identity_id


def sent_key(request: Request) -> str | None:
    """The key the client sent, bare or quoted (IETF draft idempotency-key-header)."""
    sent = request.headers.get("idempotency-key")
    if sent is None:
        return None
    match = _KEY.match(sent.strip())
    if match is None:
        raise IdempotencyKeyInvalid
    return match[1] or match[2]
