"""Asking a route for a thing as somebody, and comparing what is answered."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2

from tests.isolation import law
from tests.isolation.law import LEVELS, Level
from tests.isolation.routes import Rule
from tests.isolation.world import Client, Portal, Thing, World

#: What tells nothing of the thing asked for.
_VOLATILE = frozenset({"x-request-id", "ratelimit", "ratelimit-policy", "date"})
#: An `If-Match` for what the caller cannot know the tag of.
_SOME_TAG = '"1-0123456789abcdef"'


def path_of(route: str, rule: Rule, thing: Thing | None) -> str:
    """The path of a route with the thing, and the rule's other parameters, in it."""
    path = route.partition(" ")[2]
    for name, value in rule.more.items():
        path = path.replace(f"{{{name}}}", value)
    if thing is not None and rule.thing is not None:
        path = path.replace(f"{{{rule.thing}}}", thing.id)
        if thing.under is not None:
            path = path.replace("{ticket}", thing.under.id)
    assert "{" not in path, path
    return path + rule.query


async def ask(
    client: Client, route: str, rule: Rule, thing: Thing | None, *, seen: bool = False
) -> httpx2.Response:
    """Ask for it. Where the route wants an entity tag: of what is `seen` the present one."""
    method = route.partition(" ")[0]
    path = path_of(route, rule, thing)
    headers = {"If-Match": _SOME_TAG} if rule.versioned else {}
    if rule.versioned and seen:
        headers["If-Match"] = (await client.get(path)).headers["etag"]
    return await client.request(method, path, headers=headers, json=rule.body)


def told(answer: httpx2.Response) -> tuple[int, dict[str, str], Any]:
    """All that an answer tells, but for the request's own id and how many requests are left."""
    headers = {name: value for name, value in answer.headers.items() if name not in _VOLATILE}
    if not answer.headers.get("content-type", "").endswith("json"):
        return answer.status_code, headers, answer.content
    body = json.loads(answer.content)
    if isinstance(body, dict) and "instance" in body:
        assert body.pop("instance") == answer.headers["x-request-id"]
    return answer.status_code, headers, body


def expected(role: str, rule: Rule, level: Level) -> tuple[int, ...] | None:
    """The statuses a rule allows a role that has `level`; `None`: as a random id."""
    if level == "-":
        return None
    enough = LEVELS.index(level) >= LEVELS.index(rule.needs)
    if enough and (rule.roles is None or role in rule.roles):
        return rule.allowed
    return (rule.refused,)


def cases(world: World, role: str, kind: str) -> Iterator[tuple[str, Thing, Level]]:
    """Every thing of a kind there is for a role, by name, and what the role may do with it."""
    portal, abroad = world.portal_of(role), world.foreign_to(role)
    yield from _AT_HOME[kind](portal, role)
    if kind in {"api_key", "app", "program"}:
        abroad = world.portals["sensedesk"]
    if kind == "entitlement":
        abroad = world.portals["tvox"]
    for name in _ABROAD[kind]:
        if abroad is not portal:
            yield f"{name}, of another tenant", abroad[kind][name], "-"


#: What is looked at of another tenant.
_ABROAD = {
    "ticket": ("acme",),
    "comment": tuple(f"acme/{name}" for name in law.COMMENTS["agent"]),
    "attachment": ("acme", "acme/public", "acme/upload"),
    "person": ("colleague", "agent"),
    "organization": ("acme",),
    "entitlement": ("acme",),
    "approval": ("acme",),
    "api_key": ("admin", "service"),
    "program": ("import",),
    "app": ("pocket",),
    "registration": ("waiting",),
}


def _people(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for name, level in law.PEOPLE[role].items():
        yield name, portal["person"][f"self:{role}" if name == "self" else name], level


def _organizations(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for name, level in law.ORGANIZATIONS[role].items():
        yield name, portal["organization"][name], level


def _entitlements(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for name, level in law.ENTITLEMENTS.get(role, {}).items():
        yield name, portal["entitlement"][name], level


def _api_keys(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for name, level in law.API_KEYS[role].items():
        yield name, portal["api_key"][name], level


def _programs(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for name, level in law.PROGRAMS.get(role, {}).items():
        yield name, portal["program"][name], level


def _apps(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for name, level in law.APPS.get(role, {}).items():
        yield name, portal["app"][name], level


def _registrations(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for name, level in law.REGISTRATIONS[role].items():
        yield name, portal["registration"][name], level


def _comments(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    return _on_tickets(portal, role, "comment")


def _files(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    yield from _on_tickets(portal, role, "attachment")
    yield from _files_of_tickets(portal, role)


def _tickets(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    for column, level in law.TICKETS[role].items():
        name = f"{column}:{role}" if column.startswith("own") else column
        yield name, portal["ticket"][name], level


def _approvals(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    """What is asked about tickets: seen with the ticket."""
    for ticket, _, level in _tickets(portal, role):
        yield ticket, portal["approval"][ticket], level


def _on_tickets(portal: Portal, role: str, kind: str) -> Iterator[tuple[str, Thing, Level]]:
    """Comments, or what hangs on comments: seen with the ticket, where the kind is for the role.
    Of a ticket that is hidden, one is as good as all."""
    for ticket, _, level in _tickets(portal, role):
        for name in law.COMMENTS["agent"][: 1 if level == "-" else None]:
            if kind == "attachment" and name == "public" and level != "-":
                continue  # as that of the reply
            thing = portal[kind][f"{ticket}/{name}"]
            yield f"{ticket}/{name}", thing, _of_comment(role, ticket, name, level, kind)


def _of_comment(role: str, ticket: str, name: str, of_ticket: Level, kind: str) -> Level:
    part = "requester" if ticket.startswith("own") else "customer"
    if of_ticket == "-" or name not in law.COMMENTS["agent" if role in law.AGENTS else part]:
        return "-"
    wrote = (role == "lead" and name in {"reply", "internal"}) or (
        part == "requester" and name in {"public", "private"}
    )
    return "update" if wrote and kind == "comment" else "read"


def _files_of_tickets(portal: Portal, role: str) -> Iterator[tuple[str, Thing, Level]]:
    """Files on tickets, seen with the ticket; and uploads, seen by who uploaded them."""
    for ticket, _, level in _tickets(portal, role):
        yield ticket, portal["attachment"][ticket], "-" if level == "-" else "read"
        mine: Level = "update" if ticket.startswith("own") else "-"
        yield f"{ticket}/upload", portal["attachment"][f"{ticket}/upload"], mine


_AT_HOME: Mapping[str, Callable[[Portal, str], Iterator[tuple[str, Thing, Level]]]] = {
    "ticket": _tickets,
    "approval": _approvals,
    "comment": _comments,
    "attachment": _files,
    "person": _people,
    "organization": _organizations,
    "entitlement": _entitlements,
    "api_key": _api_keys,
    "program": _programs,
    "app": _apps,
    "registration": _registrations,
}


async def all_of(client: Client, path: str, *, total: bool = True) -> list[dict[str, Any]]:
    """Every entry of a list, page by page; its total says as many."""
    found: list[dict[str, Any]] = []
    extra = "&include=total" if total else ""
    where = f"{path}{'&' if '?' in path else '?'}limit=100{extra}"
    page = (await client.get(where)).json()
    said = page.get("total")
    while True:
        found += page["items"]
        if page["next_cursor"] is None:
            break
        page = (await client.get(f"{where}&cursor={page['next_cursor']}")).json()
    if total:
        assert said == len(found), path
    assert len({each["id"] for each in found}) == len(found), path
    return found
