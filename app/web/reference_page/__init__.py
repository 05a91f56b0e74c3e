"""The API reference at `/docs`: Swagger UI from an installed package, nothing from elsewhere.

A person signs in at the top of the page (portal, e-mail, password) and "Try it out" then acts as
him. The page runs no inline script, loads nothing from third parties and may be framed by nobody.
"""

from collections.abc import Awaitable, Callable
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

_OURS = resources.files("app.web.reference_page")
_SWAGGER = resources.files("fastapi_swagger") / "resources"
_FILES: dict[str, tuple[Traversable, str]] = {
    "": (_OURS / "index.html", "text/html; charset=utf-8"),
    "/reference.js": (_OURS / "reference.js", "text/javascript; charset=utf-8"),
    "/reference.css": (_OURS / "reference.css", "text/css; charset=utf-8"),
    "/swagger-ui.js": (_SWAGGER / "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    "/swagger-ui.css": (_SWAGGER / "swagger-ui.css", "text/css; charset=utf-8"),
    "/icon.png": (_SWAGGER / "favicon-32x32.png", "image/png"),
}
#: Swagger UI's own style sheet carries pictures as `data:`, and it sets styles on elements by
#: script, which `style-src` does not forbid.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def install(app: FastAPI) -> None:
    """Serve the reference at `/docs`, and lead there from `/`. `app` serves its document itself."""
    for path, (file, media_type) in _FILES.items():
        app.router.add_route(f"/docs{path}", _serve(file, media_type), include_in_schema=False)
    app.router.add_route("/", _lead_to_reference, include_in_schema=False)


def _serve(file: Traversable, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    content = file.read_bytes()

    async def serve(_request: Request) -> Response:
        return Response(
            content,
            media_type=media_type,
            headers=_HEADERS | {"Cache-Control": "no-cache"},
        )

    return serve


async def _lead_to_reference(request: Request) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/docs", status_code=307)
