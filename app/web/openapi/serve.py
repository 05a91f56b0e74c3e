"""The document over HTTP: `/openapi.json`, as the running code builds it."""

import asyncio

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.web.openapi.build import build, text_of


def install(app: FastAPI) -> None:
    """Serve the document of `app` at `/openapi.json`; it is built once, when first asked for."""
    built: list[bytes] = []
    building = asyncio.Lock()

    async def document(_request: Request) -> Response:
        async with building:
            if not built:
                built.append(await asyncio.to_thread(lambda: text_of(build(app)).encode()))
        headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
        return Response(built[0], media_type="application/json", headers=headers)

    app.router.add_route("/openapi.json", document, include_in_schema=False)
