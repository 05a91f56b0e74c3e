"""A small world in three portals: tickets of all sorts, what was said on them, files on all of it.

Made once for each test process, over HTTP, by the shipped portals' demo people. Everything that a
path can name is a `Thing`, found by its kind and its name in `World.things[portal]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import pyotp

from tests.desk import Desk
from tests.factories.apps import Flow, app_of
from tests.factories.registrations import wait
from tests.factories.signed_in_elsewhere import bound_elsewhere, sign_in_elsewhere

Client = httpx2.AsyncClient

#: Who asks: portal and address. Rows of the tables in `law.py`.
ROLES: Mapping[str, tuple[str, str]] = {
    "member": ("crm-service", "member@acme.example"),
    "user": ("tvox", "member@acme.example"),
    "company reader": ("tvox", "company-reader@acme.example"),
    "company admin": ("sensedesk", "company-admin@acme.example"),
    "participant": ("sensedesk", "member2@globex.example"),
    "agent": ("sensedesk", "agent@sensedesk.example"),
    "department agent": ("sensedesk", "agent2@sensedesk.example"),
    "agent elsewhere": ("sensedesk", "caretaker@sensedesk.example"),
    "confidant": ("sensedesk", "hr@sensedesk.example"),
    "lead": ("sensedesk", "lead@sensedesk.example"),
    "tenant admin": ("sensedesk", "admin@sensedesk.example"),
}
#: Whose things are foreign to a portal's people.
OTHER_TENANT = {"crm-service": "sensedesk", "tvox": "sensedesk", "sensedesk": "crm-service"}

_LEADS = {
    "crm-service": "lead@crm.example",
    "tvox": "lead@tvox.example",
    "sensedesk": "lead@sensedesk.example",
}
#: Agents somebody may look at and put into teams, and whoever is above everybody.
_AGENTS = {
    "crm-service": ("agent2@crm.example", "admin@crm.example"),
    "tvox": ("agent2@tvox.example", "admin@tvox.example"),
    "sensedesk": ("agent2@sensedesk.example", "admin@sensedesk.example"),
}
_FORMS: Mapping[str, dict[str, Any]] = {
    "crm-service": {"type": "support", "description": "How?"},
    "tvox": {"type": "guasto", "description": "It does not ring."},
    "sensedesk": {"form": "it_question", "type": "question"},
}
#: The name that another system has for the confidential ticket.
KEPT_AS = ("other", "OPS-4711")
_HR = {"form": "hr_matter", "type": "hr_request", "description": "Between us."}
_FACILITIES = {"form": "building", "type": "question", "fields": {"room": "12"}}
_MEMBER, _MEMBER2 = "member@acme.example", "member2@acme.example"
_GLOBEX, _GLOBEX2 = "member@globex.example", "member2@globex.example"


@dataclass(frozen=True)
class Thing:
    """Something a path can name; `under` is what stands before it in the path."""

    id: str
    under: "Thing | None" = None
    number: str | None = None


def random_thing(under: "Thing | None" = None) -> Thing:
    """What there is not."""
    return Thing(str(uuid4()), under)


@dataclass
class Portal:
    """The things of one portal, by kind and name."""

    slug: str
    lead: Client
    people: dict[str, str] = field(default_factory=dict)
    things: dict[str, dict[str, Thing]] = field(
        default_factory=lambda: {
            kind: {}
            for kind in (
                "ticket",
                "comment",
                "approval",
                "attachment",
                "person",
                "organization",
                "entitlement",
                "api_key",
                "program",
                "app",
                "registration",
            )
        }
    )

    def __getitem__(self, kind: str) -> dict[str, Thing]:
        return self.things[kind]


class World:
    """The portals, and whoever plays a role in them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.portals: dict[str, Portal] = {}

    async def client(self, role: str) -> Client:
        """Whoever plays `role`, signed in; `nobody` has not."""
        if role == "nobody":
            return self.desk.anybody()
        slug, address = ROLES[role]
        return await self.desk.client(address, slug)

    def portal_of(self, role: str) -> Portal:
        """Where the role is at home."""
        return self.portals["sensedesk" if role == "nobody" else ROLES[role][0]]

    def foreign_to(self, role: str) -> Portal:
        """Another tenant's portal."""
        return self.portals[OTHER_TENANT[self.portal_of(role).slug]]


async def made(desk: Desk) -> World:
    """The world. Takes some two hundred requests."""
    world = World(desk)
    for slug, lead in _LEADS.items():
        portal = world.portals[slug] = Portal(slug, await desk.client(lead, slug))
        await _know_people(desk, portal)
        if slug == "tvox":
            await _agree(portal)
        await _open_tickets(desk, portal)
        await _decide(desk, portal)
        await sign_in_elsewhere(desk, slug, portal.people[_MEMBER])
        await _be_away(desk, portal)
        await _wait(desk, portal)
    await _make_keys(world)
    await _prove_doubly(desk)
    await _let_an_app_in(world)
    return world


async def _prove_doubly(desk: Desk) -> None:
    """Somebody who plays no role has a second factor."""
    address = "agent2@crm.example"
    careful = await desk.client(address)
    new = {"label": "Phone", "password": desk.password_of(address)}
    begun = _ok(await careful.post("/v1/me/factors", json=new))
    first = {"code": pyotp.TOTP(begun["secret"]).now()}
    _ok(await careful.post(f"/v1/me/factors/{begun['id']}/confirmation", json=first))


async def _know_people(desk: Desk, portal: Portal) -> None:
    """Whose ids a path may name, and the organizations they belong to."""
    known = await _all(portal.lead, "/v1/people?limit=100")
    portal.people.update({person["email"]: person["id"] for person in known})
    deputy, boss = _AGENTS[portal.slug]
    named = {
        "colleague": _MEMBER2,
        "stranger": _GLOBEX,
        "agent": deputy,
        "boss": boss,
    }
    for name, address in named.items():
        portal["person"][name] = Thing(portal.people[address])
    for name, (slug, address) in ROLES.items():
        if slug == portal.slug:
            portal["person"][f"self:{name}"] = Thing(portal.people[address])
    for organization in await _all(portal.lead, "/v1/organizations"):
        name = "acme" if organization["name"].startswith("Acme") else "globex"
        portal["organization"][name] = Thing(organization["id"])


async def _agree(portal: Portal) -> None:
    for name in ("acme", "globex"):
        new = {"organization": portal["organization"][name].id, "template": "premium"}
        made = _ok(await portal.lead.post("/v1/entitlements", json=new))
        portal["entitlement"][name] = Thing(made["id"])


async def _open_tickets(desk: Desk, portal: Portal) -> None:
    form = _FORMS[portal.slug]
    await _open(desk, portal, "acme", _MEMBER2, form)
    await _open(desk, portal, "private", _MEMBER2, form, private=True)
    await _open(desk, portal, "globex", _GLOBEX, form)
    shared = await _open(desk, portal, "shared", _MEMBER2, form)
    participant = {"person": portal.people[_GLOBEX2]}
    _ok(await portal.lead.post(f"/v1/tickets/{shared.id}/participants", json=participant))
    if portal.slug == "sensedesk":
        kept = {"external_ref": {"source": KEPT_AS[0], "key": KEPT_AS[1]}}
        await _open(desk, portal, "confidential", _MEMBER2, {**_HR, **kept})
        await _open(desk, portal, "elsewhere", _MEMBER2, _FACILITIES)
    for name, (slug, address) in ROLES.items():
        if slug == portal.slug and (address.startswith(("member", "company"))):
            await _open(desk, portal, f"own:{name}", address, form)
            if portal.slug == "sensedesk":
                await _open(desk, portal, f"own confidential:{name}", address, _HR)


async def _open(
    desk: Desk,
    portal: Portal,
    name: str,
    requester: str,
    form: Mapping[str, Any],
    *,
    private: bool = False,
) -> Thing:
    """A ticket with all that can be said and hung on it, in the status `open`."""
    new = {"subject": f"Ticket {name}", "on_behalf_of": portal.people[requester], **form}
    opened = _ok(await portal.lead.post("/v1/tickets", json={**new, "private": private}))
    ticket = portal["ticket"][name] = Thing(opened["id"], number=opened["number"])
    customer = await desk.client(requester, portal.slug)
    await _say(portal, portal.lead, name, "reply", "public")
    await _say(portal, customer, name, "public", "public")
    await _say(portal, customer, name, "private", "private")
    await _say(portal, portal.lead, name, "internal", "internal")
    await _ask(portal, name, portal.people[requester])
    file = await uploaded(customer)
    added = {"attachment_ids": [file]}
    _ok(await customer.post(f"/v1/tickets/{ticket.id}/attachments", json=added))
    portal["attachment"][name] = Thing(file)
    portal["attachment"][f"{name}/upload"] = Thing(await uploaded(customer))
    return ticket


async def _ask(portal: Portal, ticket: str, requester: str, name: str | None = None) -> None:
    on = portal["ticket"][ticket]
    new = {"question": "May we?", "approvers": {"people": [requester]}, "gate": False}
    asked = _ok(await portal.lead.post(f"/v1/tickets/{on.id}/approvals", json=new))
    portal["approval"][name or ticket] = Thing(asked["id"])


async def _decide(desk: Desk, portal: Portal) -> None:
    """Of one ticket an approval that was decided."""
    await _ask(portal, "acme", portal.people[_MEMBER2], "acme/decided")
    customer = await desk.client(_MEMBER2, portal.slug)
    asked = portal["approval"]["acme/decided"]
    answers = _ok(await customer.get(f"/v1/approvals/{asked.id}"))["answers"]
    given = {"decision": answers[0]["key"]}
    _ok(await customer.post(f"/v1/approvals/{asked.id}/decisions", json=given))


async def _be_away(desk: Desk, portal: Portal) -> None:
    """A customer, for whom a colleague will answer one day: today it changes no law."""
    away = await desk.client(_GLOBEX, portal.slug)
    named = {
        "email": _GLOBEX2,
        "starts_at": "2099-12-01T00:00:00Z",
        "ends_at": "2100-01-01T00:00:00Z",
    }
    _ok(await away.put("/v1/me/substitute", json=named))


async def _let_an_app_in(world: World) -> None:
    """An app of `sensedesk`, which its company admin lets act for him."""
    flow = Flow(world.desk, await app_of(await world.client("tenant admin")))
    world.portals["sensedesk"]["app"]["pocket"] = Thing(flow.app["id"])
    await flow.tokens(await world.client("company admin"))


async def _wait(desk: Desk, portal: Portal) -> None:
    """Somebody who asks to be let in, with an address of a domain that is Acme's own."""
    path = f"/v1/organizations/{portal['organization']['acme'].id}"
    tag = (await portal.lead.get(path)).headers["etag"]
    own = {"email_domains": ["acme.example"]}
    _ok(await portal.lead.patch(path, json=own, headers={"If-Match": tag}))
    await _move_mailbox(portal)
    waiting = await wait(desk, portal.slug, "newcomer@acme.example")
    portal["registration"]["waiting"] = Thing(waiting)


async def _move_mailbox(portal: Portal) -> None:
    """Somebody who plays no role gets another address, and his own again."""
    path = f"/v1/people/{portal.people[_GLOBEX]}"
    for email in ("moved@globex.example", _GLOBEX):
        tag = (await portal.lead.get(path)).headers["etag"]
        _ok(await portal.lead.patch(path, json={"email": email}, headers={"If-Match": tag}))


async def _make_keys(world: World) -> None:
    """Keys of `sensedesk`, each used once."""
    portal = world.portals["sensedesk"]
    for name, role in (("admin", "tenant admin"), ("lead", "lead"), ("company", "company admin")):
        await _make_key(world, portal, name, role)
    admin = await world.client("tenant admin")
    new = {"name": "Robot", "side": "agent", "role": "agent", "service": True}
    service = _ok(await admin.post("/v1/people", json=new))
    await _make_key(world, portal, "service", "tenant admin", person=service["id"])
    program = await bound_elsewhere(world.desk, portal.slug, service["id"])
    portal["program"]["import"] = Thing(program)


async def _make_key(world: World, portal: Portal, name: str, role: str, **more: str) -> None:
    client = await world.client(role)
    new = {"name": f"Key {name}", "scopes": ["tickets:create"], **more}
    made = _ok(await client.post("/v1/api-keys", json=new))
    portal["api_key"][name] = Thing(made["id"])
    async with world.desk.anybody(Authorization=f"Bearer {made['key']}") as script:
        _ok(await script.get("/v1/me"))


async def _say(portal: Portal, author: Client, ticket: str, name: str, visibility: str) -> None:
    on = portal["ticket"][ticket]
    file = await uploaded(author)
    said = {"body": f"A {name} word.", "visibility": visibility, "attachment_ids": [file]}
    comment = _ok(await author.post(f"/v1/tickets/{on.id}/comments", json=said))
    portal["comment"][f"{ticket}/{name}"] = Thing(comment["id"], under=on)
    portal["attachment"][f"{ticket}/{name}"] = Thing(file)


async def uploaded(client: Client) -> str:
    """The id of a new upload of the client's, which hangs on nothing."""
    headers = {
        "Content-Disposition": "attachment; filename*=UTF-8''note.txt",
        "Content-Type": "application/octet-stream",
    }
    answer = await client.post("/v1/attachments", content=b"for your eyes", headers=headers)
    return str(_ok(answer)["id"])


async def _all(client: Client, path: str) -> list[dict[str, Any]]:
    return list(_ok(await client.get(path))["items"])


def _ok(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.is_success, f"{answer.request.url} → {answer.status_code} {answer.text}"
    found: dict[str, Any] = answer.json()
    return found
