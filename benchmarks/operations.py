"""What is measured: the operations people use most, as requests, and what the floor is told."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg

from benchmarks.filling import PORTAL, Size, rare_word
from benchmarks.installation import Base
from benchmarks.traffic import Client, Make, Request

AGENT, CUSTOMER, WRITER = "agent@crm.example", "company-admin@acme.example", "member@globex.example"
CALLERS = {"agent": AGENT, "customer": CUSTOMER, "writer": WRITER}
_WORDS = "The totals of the report are wrong since the update, and nobody knows why. Please look."


@dataclass(frozen=True, slots=True)
class Operation:
    """Something people do; `make` answers its next request."""

    name: str
    make: Make
    writes: bool = False
    #: Whether it is compared with the database of ten thousand tickets.
    grows: bool = False
    #: How many ask at once; those who sign in wait for a processor each.
    at_once: int = 4


class Desk:
    """People who have signed in at one server, and what they ask for."""

    def __init__(self, base: Base, size: Size, client: Client) -> None:
        self._base = base
        self._size = size
        self._client = client
        self.tokens: dict[str, str] = {}
        self._chance = random.Random(1)

    async def sign_in(self) -> None:
        """Everybody signs in anew: tokens last a quarter of an hour."""
        for caller, email in CALLERS.items():
            answer = json.loads(await self._client.ask(self._sign_in(email)))
            self.tokens[caller] = answer["access_token"]

    def take_tokens_of(self, other: "Desk") -> None:
        """Come as those who have signed in at another server of the same base."""
        self.tokens = other.tokens

    def _sign_in(self, email: str) -> Request:
        said = {"email": email, "password": self._base.password(PORTAL, email)}
        body = json.dumps({**said, "delivery": "tokens"}).encode()
        path = f"/v1/portals/{PORTAL}/sessions"
        return Request("POST", path, {}, body, 201)

    def request(
        self, caller: str, path: str, method: str = "GET", said: Any = None, status: int = 200
    ) -> Request:
        """A request of a caller."""
        headers = {"Authorization": f"Bearer {self.tokens[caller]}", "X-Caller": caller}
        return Request(method, path, headers, json.dumps(said).encode() if said else b"", status)

    async def operations(self) -> list[Operation]:
        """What is measured, over tickets that are there."""
        of_customer = await self._tickets("customer", "/v1/tickets?limit=50")
        of_agent = await self._tickets("agent", "/v1/tickets?status=in_progress&limit=100")
        # One after another, so that the next is nobody's whose page lies ready.
        read, told, answered = cycle(of_customer), cycle(of_agent), cycle(of_agent[50:])
        password = self._sign_in(WRITER)
        rare = cycle(range(max(self._size.tickets // 100, 50)))
        listed = "/v1/tickets?status=in_progress"
        opened = {"type": "support", "subject": "Totals are wrong", "description": _WORDS}

        def get(caller: str, path: str) -> Make:
            return lambda: self.request(caller, path)

        return [
            Operation("list, agent", get("agent", listed), grows=True),
            Operation("list, customer", get("customer", listed), grows=True),
            Operation(
                "ticket", lambda: self.request("agent", f"/v1/tickets/{next(told)}"), grows=True
            ),
            Operation(
                "ticket, customer", lambda: self.request("customer", f"/v1/tickets/{next(read)}")
            ),
            Operation(
                "its comments",
                lambda: self.request("agent", f"/v1/tickets/{next(told)}/comments"),
                grows=True,
            ),
            Operation(
                "search", lambda: self.request("agent", f"/v1/tickets?q={rare_word(next(rare))}")
            ),
            Operation("dashboard", get("customer", "/v1/dashboards/tickets"), grows=True),
            Operation("dashboard, desk", get("agent", "/v1/dashboards/desk"), grows=True),
            Operation(
                "create",
                lambda: self.request("writer", "/v1/tickets", "POST", opened, 201),
                writes=True,
            ),
            Operation(
                "comment",
                lambda: self.request(
                    "agent", f"/v1/tickets/{next(answered)}/comments", "POST", {"body": _WORDS}, 201
                ),
                writes=True,
            ),
            Operation("sign-in", lambda: password, writes=True, at_once=2),
        ]

    async def _tickets(self, caller: str, path: str) -> list[str]:
        answer = json.loads(await self._client.ask(self.request(caller, path)))
        found = [item["id"] for item in answer["items"]]
        self._chance.shuffle(found)
        return found

    async def known(self) -> dict[str, Any]:
        """What the floor is told beforehand: who calls, words, offered actions, what is the same in
        every answer."""

        async def ask(request: Request) -> Any:
            return json.loads(await self._client.ask(request))

        words: dict[str, Any] = {
            name: {} for name in ("department", "type", "severity", "priority", "team")
        }
        for caller in ("agent", "customer"):
            words[f"status_{caller}"], words[f"actions_{caller}"] = {}, {}
            for ticket in await self._tickets("customer", "/v1/tickets?limit=100"):
                shown = await ask(self.request(caller, f"/v1/tickets/{ticket}"))
                _learn(words, caller, shown)
        made = {one.name: one.make for one in await self.operations()}
        opened, said = await ask(made["create"]()), await ask(made["comment"]())
        words["actions_opened"] = _pattern(opened)
        desk = await ask(made["dashboard, desk"]())
        return {
            "callers": dict(self._callers()),
            "words": words,
            "opened": opened,
            "said": said,
            "signed_in": await ask(made["sign-in"]()),
            "dashboard": await ask(made["dashboard"]()),
            "desk": desk,
            "days": dict(_days(desk)),
        }

    def _callers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        with psycopg.connect(self._base.superuser) as connection:
            for caller, email in CALLERS.items():
                row = connection.execute(
                    """
                    SELECT p.tenant_id::text, p.id::text, p.side, coalesce(m.organization_id,
                               p.id)::text, ARRAY(SELECT team FROM team_members x
                           WHERE x.tenant_id = p.tenant_id AND x.person_id = p.id)
                      FROM people p
                      JOIN tenants t ON t.id = p.tenant_id AND t.slug = %s
                      JOIN contact_details c ON c.tenant_id = p.tenant_id AND c.person_id = p.id
                      LEFT JOIN memberships m ON m.tenant_id = p.tenant_id AND m.person_id = p.id
                     WHERE c.email = %s
                    """,
                    (PORTAL, email),
                ).fetchone()
                assert row is not None
                names = ("tenant", "person", "side", "organization", "teams")
                yield caller, {**dict(zip(names, row, strict=True)), "agent": row[2] == "agent"}


def _learn(words: dict[str, Any], caller: str, shown: dict[str, Any]) -> None:
    for name in ("department", "type", "severity", "priority", "team"):
        if shown.get(name):
            words[name][shown[name]["key"]] = shown[name]
    status = shown["status"]["key"]
    words[f"status_{caller}"][status] = {
        "status": shown["status"],
        "ball_with": shown["ball_with"],
    }
    words[f"actions_{caller}"][status] = _pattern(shown)


def _pattern(shown: dict[str, Any]) -> str:
    """The actions offered with a ticket, its id left open."""
    actions = json.dumps(shown["allowed_actions"], ensure_ascii=False, separators=(",", ":"))
    return actions.replace(shown["id"], "{id}")


def _days(desk: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where the desk's ages begin, as the links beside its figures say."""
    for tile, name in zip(desk["ages"], ("day_0", "day_3", "day_7", "day_30"), strict=False):
        yield name, parse_qs(urlsplit(tile["href"]).query)["created_from"][0]
