"""Uploads: a route whose body is a file, stored before the transaction that records it.

Three steps: who calls and what he may send (a short transaction), the bytes into the storage (no
transaction, because a gigabyte over a slow line must hold no connection), then the unit of work.
After a refusal the stored bytes are deleted at once, after a crash by the timer that the first step
has set."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.domain.attachments.actions import ReceivedFile, begin_upload, withdraw_upload
from app.domain.attachments.inspection import Inspection
from app.domain.attachments.lifecycle import largest
from app.domain.attachments.problems import AttachmentTooLarge
from app.domain.tenants.queries import definition_of
from app.gateways.storage import Storage, StorageUnavailable, object_key
from app.kernel.problems import Problem
from app.web import declared_input, language, problem_json
from app.web.authentication import actor_of, session_of
from app.web.declare import traits_of
from app.web.file_bodies import UploadMalformed, open_file_body
from app.web.lingering import Arriving, Lingering
from app.web.problems import Overloaded
from app.web.route import Handler, UnitOfWorkRoute, in_unit_of_work
from app.web.strict_json import StrictRequest

#: How many uploads a process takes at once (each needs some 16 MiB), of one tenant, of one person.
_AT_ONCE = 24
_AT_ONCE_OF_TENANT = 12
_AT_ONCE_OF_PERSON = 6
#: What a form may add to the file in it.
_FORM_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Permit:
    """The result of the first step."""

    upload_id: UUID
    tenant_id: UUID
    person_id: UUID
    limit: int
    types: tuple[str, ...]


class UploadRoute(UnitOfWorkRoute):
    """A route that takes a file; its function asks for it as `Received`."""

    def get_route_handler(self) -> Handler:
        inner = APIRoute.get_route_handler(self)
        traits = traits_of(self.openapi_extra)
        declared = declared_input.of(self)
        places = _Places()

        async def handle(incoming: Request) -> Response:
            arriving = Arriving(incoming)
            request = StrictRequest(incoming.scope, arriving.receive)
            language.settle(request)
            declared.refuse_undeclared(request)
            refusal = await in_unit_of_work(request, _permit)
            if refusal.status_code >= 400:
                return Lingering(refusal, arriving)
            permit: _Permit = request.state.permit
            try:
                async with places.taken(permit):
                    received = await _receive(request, permit)
            except Problem as problem:
                if not isinstance(problem, StorageUnavailable):
                    await in_unit_of_work(request, _withdraw)
                return Lingering(problem_json.respond(request, problem), arriving)
            request.state.received = received
            body = f"{received.sha256} {received.name}".encode()
            response = await in_unit_of_work(request, inner, traits, body=body)
            if response.status_code >= 400 or "idempotent-replayed" in response.headers:
                await _forget(request, received)
            return response

        return handle


def received_file(request: Request) -> ReceivedFile:
    """The file that has arrived; see `UploadRoute`."""
    received: ReceivedFile = request.state.received
    return received


Received = Annotated[ReceivedFile, Depends(received_file)]


async def _permit(request: Request) -> Response:
    session, actor = await session_of(request), await actor_of(request)
    rules = (await definition_of(session, actor)).attachments
    limit = largest(rules, request.app.state.settings.attachment_limit_bytes)
    declared_length = request.headers.get("content-length", "")
    if declared_length.isdecimal() and int(declared_length) > limit + _FORM_BYTES:
        raise AttachmentTooLarge(limit=limit)
    upload_id = await begin_upload(session, actor)
    request.state.permit = _Permit(upload_id, actor.tenant_id, actor.person, limit, rules.types)
    return Response(status_code=204)


async def _receive(request: Request, permit: _Permit) -> ReceivedFile:
    storage: Storage = request.app.state.storage
    key = object_key(permit.tenant_id, permit.upload_id)
    try:
        body = await open_file_body(request)
        inspection = Inspection(body.name, limit=permit.limit, types=permit.types)
        await storage.put(key, inspection.through(body.stream))
    except ClientDisconnect as gone:
        raise UploadMalformed(reason="The upload broke off.") from gone
    return inspection.received(permit.upload_id, key)


async def _forget(request: StrictRequest, received: ReceivedFile) -> None:
    try:
        await request.app.state.storage.delete(received.object_key)
    except StorageUnavailable:
        return  # it has been logged, and the timer comes back for it
    await in_unit_of_work(request, _withdraw)


async def _withdraw(request: Request) -> Response:
    permit: _Permit = request.state.permit
    await withdraw_upload(await session_of(request), await actor_of(request), permit.upload_id)
    return Response(status_code=204)


class _Places:
    """How many uploads are running: so that neither one tenant nor one person uses all memory."""

    def __init__(self) -> None:
        self._all = 0
        self._taken: Counter[UUID] = Counter()

    @asynccontextmanager
    async def taken(self, permit: _Permit) -> AsyncIterator[None]:
        tenant, person = permit.tenant_id, permit.person_id
        if (
            self._all >= _AT_ONCE
            or self._taken[tenant] >= _AT_ONCE_OF_TENANT
            or self._taken[person] >= _AT_ONCE_OF_PERSON
        ):
            raise Overloaded(headers={"Retry-After": "5"})
        self._all += 1
        self._taken.update((tenant, person))
        try:
            yield
        finally:
            self._all -= 1
            self._taken.subtract((tenant, person))
            self._taken += Counter()  # forgets those who have none left
