"""The isolation matrix: every route, for every role, on everything there is and is not.

What may be done stands in `law.py` and `routes.py`. What may not be seen is answered byte for byte
as what there is not, but for the request's id.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.kernel.settings import Settings
from app.main import create_app
from app.web.declare import Trait, traits_of
from tests.isolation.asking import ask, cases, expected, path_of, told
from tests.isolation.law import COMMENTS, TICKETS
from tests.isolation.routes import BESIDE, PAGES_FOR_EVERYBODY, PAGES_FOR_THE_SIGNED_IN, ROUTES
from tests.isolation.world import ROLES, Thing, World, random_thing

ON_THINGS = [route for route, rule in ROUTES.items() if rule.thing]
ON_NOTHING = [
    route for route, rule in ROUTES.items() if not (rule.thing or rule.elsewhere or rule.public)
]
PUBLIC = [route for route, rule in ROUTES.items() if rule.public]
PROTECTED = [route for route, rule in ROUTES.items() if not rule.public]
#: Never an id, nor a number.
MALFORMED = ("x", "SD-", "SD-99999999999", "-1", "%27%20OR%201=1", "0" * 36, "%F0%9F%99%88")


def _routes(app: FastAPI) -> Iterator[tuple[str, APIRoute | None]]:
    for route in iter_route_contexts(app.routes):
        held = route.original_route if isinstance(route.original_route, APIRoute) else None
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield f"{method} {route.path}", held


def test_every_route_stands_in_the_table() -> None:
    served = dict(_routes(create_app(Settings())))
    beside = {f"GET {path}" for path in BESIDE} | PAGES_FOR_EVERYBODY | PAGES_FOR_THE_SIGNED_IN
    assert sorted(served.keys() - ROUTES.keys() - beside) == [], "routes that nobody has judged"
    assert sorted((ROUTES.keys() | beside) - served.keys()) == [], "rules for no route"


def test_what_the_table_calls_public_is_what_routes_call_public() -> None:
    for name, route in _routes(create_app(Settings())):
        if route is not None:
            public = Trait.PUBLIC in traits_of(route.openapi_extra)
            for_everybody = name in PAGES_FOR_EVERYBODY
            page = for_everybody or name in PAGES_FOR_THE_SIGNED_IN
            assert public == (for_everybody if page else ROUTES[name].public), name


@pytest.mark.parametrize("page", sorted(PAGES_FOR_THE_SIGNED_IN))
async def test_a_page_for_the_signed_in_leads_others_to_where_they_sign_in(
    world: World, page: str
) -> None:
    method, _, path = page.partition(" ")
    async with world.desk.anybody() as nobody:
        here = path.replace("{portal}", "sensedesk")
        answer = await nobody.request(method, here, headers={"Origin": "http://testserver"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/portals/sensedesk/sign-in")


def test_every_role_stands_in_the_tables() -> None:
    assert TICKETS.keys() == ROLES.keys()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", ON_THINGS)
async def test_a_route_answers_each_role_what_the_law_says(
    world: World, route: str, role: str
) -> None:
    rule = ROUTES[route]
    client = await world.client(role)
    wrong = []
    random: dict[Thing | None, Any] = {}
    for name, thing, level in cases(world, role, str(rule.thing)):
        allowed = rule.besides.get(f"{role}: {name}", expected(role, rule, level))
        if rule.destroys and allowed == rule.allowed:
            continue
        answer = await ask(client, route, rule, thing, seen=level != "-")
        if allowed is not None:
            if answer.status_code not in allowed:
                wrong.append(f"{name} ({level}): {answer.status_code}, not {allowed}")
                wrong.append(f"  {answer.text[:200]}")
            continue
        if thing.under not in random:
            nothing = await ask(client, route, rule, random_thing(thing.under))
            random[thing.under] = told(nothing)
        if (answer.status_code, told(answer)) != (404, random[thing.under]):
            wrong.append(f"{name} is told from a random id: {told(answer)}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("role", ["company admin", "lead"])
@pytest.mark.parametrize("route", ON_THINGS)
async def test_what_is_no_id_is_not_found(world: World, route: str, role: str) -> None:
    rule = ROUTES[route]
    client = await world.client(role)
    mine = world.portal_of(role)["ticket"]["acme"]
    for malformed in MALFORMED:
        under = mine if rule.thing == "comment" else None
        answer = await ask(client, route, rule, Thing(malformed, under))
        assert answer.status_code == 404, malformed


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", ON_NOTHING)
async def test_a_route_about_oneself_answers_everybody(world: World, route: str, role: str) -> None:
    answer = await ask(await world.client(role), route, ROUTES[route], None, seen=True)
    assert answer.status_code in ROUTES[route].allowed, answer.text


@pytest.mark.parametrize("route", PROTECTED)
async def test_nobody_is_told_anything_of_what_there_is(world: World, route: str) -> None:
    rule = ROUTES[route]
    nobody = await world.client("nobody")
    path = None
    if rule.thing:
        known = [portal[rule.thing] for portal in world.portals.values() if portal[rule.thing]]
        path = path_of(route, rule, next(iter(known[0].values())))
    method = route.partition(" ")[0]
    bare = re.sub(r"\{[\w:]+\}", random_thing().id, route.partition(" ")[2])
    random = await nobody.request(method, bare + rule.query, json=rule.body)
    assert random.status_code == 401
    assert random.json()["code"] == "unauthenticated"
    if path is not None:
        assert told(await nobody.request(method, path, json=rule.body)) == told(random)


@pytest.mark.parametrize("route", PUBLIC)
async def test_a_public_route_answers_nobody_and_everybody_alike(world: World, route: str) -> None:
    rule = ROUTES[route]
    answers = []
    for role in ("nobody", "agent"):
        answer = await ask(await world.client(role), route, rule, None)
        assert answer.status_code in rule.allowed, answer.text
        answers.append(answer.status_code)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("role", ROLES)
async def test_a_number_opens_no_more_than_an_id(world: World, role: str) -> None:
    client = await world.client(role)
    for name, thing, level in cases(world, role, "ticket"):
        answer = await client.get(f"/v1/tickets/{thing.number}")
        if level != "-":
            assert answer.json()["id"] == thing.id
            continue
        prefix = str(thing.number).partition("-")[0]
        random = await client.get(f"/v1/tickets/{prefix}-999999")
        assert told(answer) == told(random), name


@pytest.mark.parametrize("role", ROLES)
async def test_a_comment_is_not_reached_through_another_ticket(world: World, role: str) -> None:
    client = await world.client(role)
    readable = [thing for _, thing, level in cases(world, role, "ticket") if level != "-"]
    for name, thing, _ in cases(world, role, "comment"):
        ticket = next((each for each in readable if each != thing.under), None)
        if ticket is not None:
            answer = await client.get(f"/v1/tickets/{ticket.id}/comments/{thing.id}")
            assert answer.json()["code"] == "comment-not-found", name


def test_the_table_of_comments_knows_every_kind() -> None:
    assert set(COMMENTS["agent"]) >= set(COMMENTS["requester"]) >= set(COMMENTS["customer"])
