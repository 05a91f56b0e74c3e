"""Every route says who may call it, and runs in the unit of work."""

from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.kernel.settings import Settings
from app.main import create_app
from app.web.authentication import actor_of
from app.web.declare import Trait, traits_of
from app.web.route import UnitOfWorkRoute


def _routes() -> Iterator[APIRoute]:
    for route in iter_route_contexts(create_app(Settings()).routes):
        if isinstance(route.original_route, APIRoute):
            yield route.original_route


def _needs(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _needs(inner)


def test_every_route_runs_in_the_unit_of_work() -> None:
    assert [route.path for route in _routes() if not isinstance(route, UnitOfWorkRoute)] == []


def test_every_route_acts_as_its_caller_or_says_that_it_is_public() -> None:
    routes = list(_routes())
    assert routes
    for route in routes:
        public = Trait.PUBLIC in traits_of(route.openapi_extra)
        acts = actor_of in set(_needs(route.dependant))
        assert acts != public, f"{route.methods} {route.path}"


#: What asks a provider first stands in line afterwards: the provider may be slow.
_IN_LINE_LATER = {"/v1/me/identities/{provider}/start"}


def test_whatever_takes_a_password_stands_in_line() -> None:
    taking = [
        route
        for route in _routes()
        if route.body_field and _takes_password(route.body_field.field_info.annotation)
    ]
    assert taking
    for route in taking:
        at_once = Trait.TRIES_PASSWORD in traits_of(route.openapi_extra)
        assert at_once != (route.path in _IN_LINE_LATER), route.path


def _takes_password(model: object) -> bool:
    fields = getattr(model, "model_fields", {})
    return bool({"password", "present"} & fields.keys())


#: What begins so is done by people themselves, never by a key or an app for them.
_IN_PERSON = (
    "/v1/me",
    "/v1/sessions/current",
    "/v1/api-keys",
    "/v1/programs",
    "/v1/apps",
    "/v1/authorizations",
)
#: Beside it: what an app must know of whoever it acts for.
_FOR_ALL = {("GET", "/v1/me")}


def test_what_is_ones_own_affair_is_done_in_person() -> None:
    for route in _routes():
        if route.path.startswith(_IN_PERSON):
            for method in (route.methods or set()) - {"HEAD"}:
                in_person = Trait.IN_PERSON in traits_of(route.openapi_extra)
                assert in_person != ((method, route.path) in _FOR_ALL), f"{method} {route.path}"
