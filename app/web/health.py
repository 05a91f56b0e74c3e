"""For whoever runs it: is the process alive, can it serve, what does it measure."""

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.database.tenancy import Nowhere
from app.gateways.storage import StorageUnavailable
from app.web import metrics

_FRESH = {"Cache-Control": "no-store"}


def install(app: FastAPI) -> None:
    """Serve `/livez`, `/readyz` and `/metrics`; not part of the contract under `/v1`."""
    app.router.add_route("/livez", _livez, include_in_schema=False)
    app.router.add_route("/readyz", _readyz, include_in_schema=False)
    app.router.add_route("/metrics", _metrics, include_in_schema=False)


async def _livez(_request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_FRESH)


async def _readyz(request: Request) -> Response:
    """200 where database and storage answer; 503, naming what does not, or while stopping."""
    found = {"database": await _database(request), "storage": await _storage(request)}
    stopping = request.app.state.stopping
    ready = not stopping and all(state == "ok" for state in found.values())
    status = "ok" if ready else "stopping" if stopping else "not-ready"
    return JSONResponse({"status": status, **found}, 200 if ready else 503, headers=_FRESH)


async def _database(request: Request) -> str:
    for left in (1, 0):
        try:
            async with request.app.state.database.transaction(Nowhere()) as session:
                await session.execute(text("SELECT 1"))
        except DBAPIError as error:
            # A connection that died in the pool says nothing about the next one.
            if left and error.connection_invalidated:
                continue
            return "away"
        except (PoolTimeout, OSError):
            return "away"
        break
    return "ok"


async def _storage(request: Request) -> str:
    try:
        await request.app.state.storage.check()
    except StorageUnavailable:
        return "away"
    return "ok"


async def _metrics(request: Request) -> Response:
    return Response(
        request.app.state.metrics.exposed(), headers={"Content-Type": metrics.MEDIA_TYPE, **_FRESH}
    )
