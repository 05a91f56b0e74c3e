"""The style sheet of the pages, served as a file: the same for every portal."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.web.pages.rendering import STYLE_PATH, TEMPLATES


def install(app: FastAPI) -> None:
    """Add the route that serves the style sheet."""
    content = (TEMPLATES / "style.css").read_bytes()

    async def serve(_request: Request) -> Response:
        return Response(
            content, media_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"}
        )

    app.router.add_route(STYLE_PATH, serve, include_in_schema=False)
