"""The answer when a browser could not be signed in.

It returns with `error=<code>` to where it came from, where that is safe, for a page there to
explain it; else a page of ours does."""

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.domain.federation.lifecycle import with_query
from app.kernel.problems import Problem
from app.web import problem_json
from app.web.pages.route import turn_away


def answer_failed_sign_in(request: Request, problem: Problem, return_to: str | None) -> Response:
    """`return_to` was checked when the sign-in began; `None` where nobody knows whose it was."""
    if return_to is None and "text/html" in request.headers.get("accept", ""):
        return turn_away(request, problem)
    if return_to is None:
        return problem_json.respond(request, problem)
    request.state.problem_code = problem.code
    return RedirectResponse(with_query(return_to, error=problem.code), status_code=302)
