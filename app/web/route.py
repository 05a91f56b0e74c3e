"""The unit of work: one request is one transaction, and here it is committed.

A route class and not a dependency: the body of the answer is finished before the commit, so that
the idempotency record shares the transaction, and nothing is acknowledged that is not stored."""

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from functools import cached_property
from typing import Any

import psycopg
from fastapi import Request
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession
from starlette._utils import get_route_path
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.access.actor import Actor
from app.kernel.problems import Problem, Unavailable
from app.web import declared_input, etag, idempotency, language, problem_json
from app.web.authentication import actor_of, authenticate, session_of
from app.web.declare import Trait, traits_of
from app.web.lingering import Arriving, Lingering
from app.web.problems import (
    BodyTooLarge,
    MalformedBody,
    OnlyInPerson,
    OutcomeUnknown,
    OutsideOrganization,
    Overloaded,
)
from app.web.query_models import with_query_readers
from app.web.request_dependencies import called_directly
from app.web.strict_json import StrictRequest, read_json
from app.web.turns import goes_elsewhere

_TRIES = 3
_RETRY_SOON = {"Retry-After": "1"}
#: More digits than any length we would take, and fewer than Python refuses to read.
_LONGEST_LENGTH = 18
_SAFE = frozenset({"GET", "HEAD"})
_SENT_ON = 302
_NEED_ONLY_THE_REQUEST = frozenset({session_of, actor_of})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class UnitOfWorkRoute(APIRoute):
    """A route whose every request is one transaction, as the caller."""

    @property
    def takes_head(self) -> bool:
        """Whether HEAD is answered as GET is (RFC 9110, 9.1). Not by routes that only redirect a
        browser: those are steps of a sign-in, and looking ahead would use up what is valid once."""
        return "GET" in (self.methods or ()) and self.status_code != _SENT_ON

    @cached_property
    def _beginning(self) -> str:
        return self.path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As every route, but compares the beginning of the path first: all routes are tried one
        after the other, and that rules out most of them."""
        if not get_route_path(scope).startswith(self._beginning):
            return Match.NONE, {}
        if scope["method"] == "HEAD" and self.takes_head:
            return super().matches({**scope, "method": "GET"})
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As every route. HEAD is answered as GET is; the server leaves out the body."""
        if scope["method"] == "HEAD" and self.takes_head:
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

    def get_route_handler(self) -> Handler:
        declared_once = self.dependant
        self.dependant = called_directly(with_query_readers(declared_once), _NEED_ONLY_THE_REQUEST)
        inner = super().get_route_handler()
        self.dependant = declared_once
        traits = traits_of(self.openapi_extra)
        declared = declared_input.of(self)
        protocol = Trait.PROTOCOL in traits
        in_turn = Trait.TRIES_PASSWORD in traits
        chooses = Trait.CHOOSES_WAY in traits

        async def handle(incoming: Request) -> Response:
            arriving = Arriving(incoming)
            request = StrictRequest(incoming.scope, arriving.receive)
            language.settle(request)
            try:
                takes_body = declared.body or (protocol and request.method == "POST")
                request.whole = await _whole_body(request) if takes_body else b""
            except BodyTooLarge as refusal:
                return Lingering(problem_json.respond(request, refusal), arriving)
            if not protocol:
                declared.refuse_undeclared(request)
            tries = in_turn and not (
                chooses and goes_elsewhere(request.whole, is_json=not protocol)
            )
            turn = request.app.state.password_turns.one() if tries else nullcontext()
            async with turn:
                return await in_unit_of_work(
                    request, inner, traits, body=request.whole, is_json=not protocol
                )

        return handle


async def _whole_body(request: Request) -> bytes:
    """The whole body. Raises `BodyTooLarge` as soon as that is known: from `Content-Length`, else
    while it arrives."""
    limit = request.app.state.settings.body_limit_bytes
    said = request.headers.get("content-length", "")
    if said.isdecimal() and (len(said) > _LONGEST_LENGTH or int(said) > limit):
        raise BodyTooLarge(limit=limit)
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                raise BodyTooLarge(limit=limit)
    except ClientDisconnect as gone:  # nobody reads this answer; it is only not a fault of ours
        raise MalformedBody(reason="The body cannot be read.") from gone
    return bytes(body)


async def in_unit_of_work(
    request: StrictRequest,
    inner: Handler,
    traits: frozenset[Trait] = frozenset(),
    *,
    body: bytes = b"",
    is_json: bool = False,
) -> Response:
    """The answer of `inner`, in one transaction as the caller, committed; tried again when the
    transaction certainly left nothing behind.

    `body` is what an idempotency key is bound to, and is read as JSON only where it is. A `Problem`
    is rolled back and answered; raises `Overloaded` and `Unavailable` where nothing was stored,
    `OutcomeUnknown` where the connection broke during COMMIT."""
    state = request.app.state
    async with state.shares.one(state.tenants.of(request)):
        for left in reversed(range(_TRIES)):
            try:
                return await _UnitOfWork(request, body, traits, inner, is_json=is_json).run()
            except PoolTimeout as error:
                raise Overloaded(headers=_RETRY_SOON) from error
            except DBAPIError as error:
                if _outside(error, request):
                    return problem_json.respond(request, OutsideOrganization())
                if not left or not _undone(error, request):
                    raise _unreachable(error, request) from error
        raise AssertionError("unreachable")


class _UnitOfWork:
    """One try at a request."""

    def __init__(
        self,
        request: StrictRequest,
        body: bytes,
        traits: frozenset[Trait],
        inner: Handler,
        *,
        is_json: bool,
    ) -> None:
        self.request = request
        self.is_json = is_json
        self.body = body
        self.traits = traits
        self.inner = inner

    async def run(self) -> Response:
        self.request.state.committing = False
        async with self.request.app.state.database.session() as session:
            self.request.state.session = session
            try:
                response = await self._answer(session)
            except Problem as problem:
                response = problem_json.respond(self.request, problem)
                if problem.keeps_writes:
                    await self._commit(session)
                return response
            await self._commit(session)
            return response

    async def _answer(self, session: AsyncSession) -> Response:
        actor = None
        if Trait.PUBLIC not in self.traits:
            actor = await authenticate(self.request, session, self.traits)
            self.request.state.actor = actor
            self.request.app.state.tenants.learn(self.request, actor)
            if Trait.IN_PERSON in self.traits and not actor.in_person:
                raise OnlyInPerson
            language.settle(self.request, actor)
        claim = self._claim(session, actor)
        if claim:
            guards = self.request.app.state.replay_guards
            replayed: Response | None = await claim.replay(self.body, guards)
            if replayed is not None:
                return replayed
        if self.body and self.is_json:
            self.request.parsed = read_json(self.body)
        response = await self.inner(self.request)
        response = self._finish(response)
        if claim and not getattr(self.request.state, "changed_nothing", False):
            await claim.keep(response, secret=Trait.KEEPS_SECRET in self.traits)
        return response

    def _claim(self, session: AsyncSession, actor: Actor | None) -> idempotency.Claim | None:
        if Trait.IDEMPOTENT not in self.traits or actor is None:
            return None
        key = idempotency.sent_key(self.request)
        return idempotency.Claim(self.request, session, actor, key) if key else None

    def _finish(self, response: Response) -> Response:
        if response.status_code == 204:
            # The framework names the type of a body that is not there.
            del response.headers["content-type"]
        if Trait.TAGGED in self.traits and response.status_code < 300:
            etag.tag(self.request, response)
            if self.request.method in _SAFE:
                return etag.not_modified(self.request, response) or response
        return response

    async def _commit(self, session: AsyncSession) -> None:
        await session.flush()
        self.request.state.committing = True
        await session.commit()


def _undone(error: DBAPIError, request: Request) -> bool:
    """Whether the transaction certainly left nothing behind, so that it may be tried again: the
    server said so, or the connection broke before COMMIT was sent, or there was nothing to
    commit."""
    if isinstance(
        error.orig, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected
    ):
        return True
    return error.connection_invalidated and not _in_doubt(request)


def _outside(error: DBAPIError, request: Request) -> bool:
    """Whether the wall has refused a row to a key that is limited to one organization."""
    actor: Actor | None = getattr(request.state, "actor", None)
    return (
        isinstance(error.orig, psycopg.errors.InsufficientPrivilege)
        and actor is not None
        and actor.organization_id is not None
    )


def _in_doubt(request: Request) -> bool:
    """Whether it is unknown what was stored when the connection breaks now."""
    return bool(request.state.committing) and request.method not in _SAFE


def _unreachable(error: DBAPIError, request: Request) -> BaseException:
    """The problem for a database that is away or too slow; any other error stays what it is."""
    if isinstance(error.orig, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return Overloaded(headers=_RETRY_SOON)
    if isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction):  # a primary no longer
        return Unavailable(headers=_RETRY_SOON)
    if error.connection_invalidated or isinstance(
        error.orig, psycopg.OperationalError | psycopg.InterfaceError
    ):
        kind = OutcomeUnknown if _in_doubt(request) else Unavailable
        return kind(headers=_RETRY_SOON)
    return error
