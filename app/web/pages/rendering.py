"""A page as HTML: one template, the portal's colours, a policy that lets nothing else in."""

import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from app.domain.tenants.branding import Look, look_on
from app.domain.tenants.definition import Definition
from app.kernel import locale
from app.kernel.locale import translate
from app.kernel.typefaces import font_stack
from app.web.pages.page import Page

STYLE_PATH = "/pages/style.css"
TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "pages"
_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: The grounds of the card in `style.css`, light and dark.
_LIGHT, _DARK = "#ffffff", "#1c232b"
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*$")
#: Nothing with which a host could end its directive and begin another one.
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")


NEUTRAL = Look(
    *("Skranke", "#1f3a5f", "#ffffff", "#1f5fa8", "#ffffff", "#1f5fa8", "#8fbcf0"), font_stack(None)
)


def look_of(definition: Definition) -> Look:
    """How a portal's pages look."""
    return look_on(definition, light=_LIGHT, dark=_DARK)


def render(request: Request, page: Page, *, status: int = 200) -> Response:
    """`page` in the look of the portal that the request is about, where it is known."""
    look: Look = getattr(request.state, "look", NEUTRAL)
    nonce = secrets.token_urlsafe(16)
    body = _templates.get_template("page.html").render(
        page=page,
        look=look,
        nonce=nonce,
        language=locale.current.get(),
        style=f"{request.scope.get('root_path', '')}{STYLE_PATH}",
        # Safe by construction: drawn here from what is kept, never from what is sent in.
        picture=Markup(page.picture),  # noqa: S704
        # A definition's typefaces are letters, digits and blanks.
        font=Markup(look.font),  # noqa: S704
        says=_says(),
    )
    return HTMLResponse(
        body,
        status_code=status,
        headers={
            "Cache-Control": "no-store",
            "Content-Language": locale.current.get(),
            "Content-Security-Policy": _policy(page, nonce),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _says() -> dict[str, str]:
    """The sentences that stand in the template itself."""
    return {
        "wrong": translate("Something is not right"),
        "or": translate("or"),
        "keep": translate("Keep these codes where you find them without your phone."),
    }


def _policy(page: Page, nonce: str) -> str:
    """Nothing but our own style; forms lead here and where the page says. A redirect after a form
    is held to `form-action` as well, so the place it leads to is named (CSP 3, 6.4.2)."""
    places = " ".join(["'self'", *sorted({_source(address) for address in page.leads_to})])
    return (
        f"default-src 'none'; style-src 'self' 'nonce-{nonce}'; img-src data:; base-uri 'none';"
        f" form-action {places}; frame-ancestors 'none'"
    )


def _source(address: str) -> str:
    """Where an address is, as a policy names it; a scheme alone is everywhere by that scheme."""
    if address in {"http:", "https:"}:
        return address
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"}:
        known = _HOST.fullmatch(parts.netloc)
        return f"{parts.scheme}://{parts.netloc}" if known else "'self'"
    return f"{parts.scheme}:" if _SCHEME.match(parts.scheme) else "'self'"
