"""The route of pages: forms that only our own pages send, and refusals as pages."""

from collections.abc import Callable
from functools import partial
from typing import Annotated
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from app.kernel.problems import Problem
from app.web import language
from app.web.declare import Trait, traits
from app.web.pages import addresses, words
from app.web.pages.page import Mistake, Page
from app.web.pages.rendering import render
from app.web.problems import (
    CrossSiteRefused,
    PasswordChangeRequired,
    SecondFactorRequired,
    TermsAcceptanceRequired,
    Unauthenticated,
)
from app.web.route import Handler, UnitOfWorkRoute

#: Longer than anything a form of ours asks for.
_MOST_FIELDS, _LONGEST = 30, 4000
#: What can be mended by sending the form again: other words, or the same later.
_MENDABLE = frozenset({401, 422, 429})


#: Traits of a page for everybody, of one that takes a password, and of one for whoever is signed in
#: himself.
FOR_EVERYBODY = traits(Trait.PUBLIC, Trait.PROTOCOL)
TRIES_PASSWORD = traits(Trait.PUBLIC, Trait.PROTOCOL, Trait.TRIES_PASSWORD)
IN_PERSON = traits(Trait.PROTOCOL, Trait.IN_PERSON)
#: Where somebody wanted to go before he was led to a page.
Continue = Annotated[str, Query(alias="continue")]


class PageRoute(UnitOfWorkRoute):
    """A route that answers pages. What it refuses is a page too."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            language.settle(request)
            request.state.answer_problem = partial(turn_away, request)
            if request.method == "POST":
                if not _from_our_page(request):
                    return turn_away(request, CrossSiteRefused())
                request.state.from_our_page = True
            return await inner(request)

        return handle


def show_again(request: Request, page_with: Callable[[Mistake], Page]) -> None:
    """Let the form be shown again, with what was wrong, where something can be done about it."""

    def answer(problem: Problem) -> Response:
        again = problem.status in _MENDABLE
        page = page_with(words.mistake_of(problem)) if again else words.refusal(problem)
        return _refused(request, problem, page)

    request.state.answer_problem = answer


def _refused(request: Request, problem: Problem, page: Page) -> Response:
    request.state.problem_code = problem.code
    response = render(request, page, status=problem.status)
    response.headers.update(problem.headers)
    return response


def turn_away(request: Request, problem: Problem) -> Response:
    """A refusal as a page of its own; whoever must sign in, set a password, add
    a second factor or accept terms first is led there."""
    portal = request.path_params.get("portal")
    asked = parse_qsl(request.url.query, max_num_fields=_MOST_FIELDS)
    error = next((value for name, value in asked if name == "error"), "")
    query = urlencode([(name, value) for name, value in asked if name != "error"])
    onward = f"{request.url.path}{'?' if query else ''}{query}" if request.method == "GET" else ""
    if portal and isinstance(problem, Unauthenticated):
        if request.url.path == addresses.account_address(portal):  # nobody there to go on as
            onward = next((value for name, value in asked if name == "continue"), "")
        return RedirectResponse(addresses.sign_in_address(portal, onward, error), status_code=303)
    if portal and isinstance(problem, PasswordChangeRequired):
        return RedirectResponse(addresses.password_address(portal, onward), status_code=303)
    if portal and isinstance(problem, SecondFactorRequired):  # he adds it on the way in
        address = addresses.sign_in_address(portal, onward, problem.code)
        return RedirectResponse(address, status_code=303)
    if portal and isinstance(problem, TermsAcceptanceRequired):
        return RedirectResponse(addresses.terms_address(portal, onward), status_code=303)
    return _refused(request, problem, words.refusal(problem))


def sent_form(request: Request) -> dict[str, str]:
    """What a form sent, the first value of each field; empty for what cannot be read."""
    whole: bytes = getattr(request, "whole", b"")
    try:
        text = whole.decode("utf-8")
        found = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        return {}
    return {name: values[0][:_LONGEST].replace("\x00", "") for name, values in found.items()}


def _from_our_page(request: Request) -> bool:
    """Whether a browser says that a page of this very place sent the form. What browsers send of
    `Sec-Fetch-Site` and `Origin` no page can forge; whoever sends neither is not a browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    own = urlsplit(request.app.state.settings.base_url)
    return origin in {
        f"{own.scheme}://{own.netloc}",
        f"{request.url.scheme}://{request.url.netloc}",
    }
