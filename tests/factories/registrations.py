"""Portals that take people who ask themselves, and those who ask."""

import re
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from app.kernel import clock, ids
from app.models.registrations import Registration
from tests.desk import Desk
from tests.factories import definitions
from tests.factories.people import PASSWORD, as_system, newcomer
from tests.mailbox import text_of

LINK = re.compile(r"http://127\.0\.0\.1:8000/registrations/(skg_[A-Za-z0-9_-]{43})")
EVERYBODY = ("agent", "company_admin", "email_domain")
_numbers = count(1)


async def opened(desk: Desk, folder: Path, slug: str, prefix: str, *let_in_by: str) -> str:
    """A portal of the small definition that takes people who ask themselves; its slug."""
    written = definitions.document()
    written["portal"] |= {"slug": slug, "number_prefix": prefix}
    opening = {"let_in_by": list(let_in_by), "role": "member"}
    written["sign_in"]["local"]["self_registration"] = opening
    file = folder / f"{slug}.yaml"
    file.write_text(definitions.text_of(written))
    await desk.apply(file)
    return slug


async def somebody(
    desk: Desk, portal: str, *, role: str, organization: str | None = None
) -> tuple[httpx2.AsyncClient, str, str | None]:
    """A client signed in as an agent or a customer of a portal, his address and organization."""
    side = "agent" if role == "agent" else "customer"
    who = await newcomer(desk, role=role, side=side, organization=organization, portal=portal)
    return await desk.sign_in(who.email, PASSWORD, portal), who.email, who.organization


async def ask(client: httpx2.AsyncClient, portal: str, email: str, **more: Any) -> httpx2.Response:
    """Ask to be let in."""
    asked = {"name": "Newcomer", "email": email, "language": "en", **more}
    return await client.post(f"/v1/portals/{portal}/registrations", json=asked)


async def mailed_link(desk: Desk, email: str) -> str:
    """What the newest link to confirm an address is used at, once the worker has done its work."""
    await desk.work()
    return link_in(text_of(desk.mails(email)[-1]))


def link_in(text: str) -> str:
    """What the link in a mail is used at."""
    return f"/v1/registrations/{LINK.findall(text)[0]}/confirmation"


async def wait(desk: Desk, portal: str, email: str) -> str:
    """Let somebody wait without asking: a row as asking and confirming leaves it; its id."""
    async with as_system(desk, portal) as (session, system):
        now, registration_id = clock.now(), ids.new_id()
        session.add(
            Registration(
                tenant_id=system.tenant_id,
                id=registration_id,
                state="waiting",
                name="Newcomer",
                email=email,
                email_key=email,
                domain=email.rpartition("@")[2],
                password_hash="a hash",
                created_at=now,
                confirmed_at=now,
                expires_at=now + timedelta(days=30),
            )
        )
    return str(registration_id)


class Door:
    """A portal of its own for a test, an agent and a company admin in it, and its domain."""

    def __init__(self, slug: str, domain: str) -> None:
        self.slug, self.domain = slug, domain
        self.agent: httpx2.AsyncClient
        self.boss: httpx2.AsyncClient
        self.agent_email = self.boss_email = self.company = ""

    def address(self, domain: str | None = None) -> str:
        return f"n-{uuid4().hex[:10]}@{domain or self.domain}"


async def new_door(desk: Desk, folder: Path, *let_in_by: str) -> Door:
    """A new portal where these let people in, with an agent and a company admin."""
    number = next(_numbers)
    slug = await opened(desk, folder, f"open-{number}", f"OP{chr(64 + number)}", *let_in_by)
    door = Door(slug, f"company{number}.example")
    door.agent, door.agent_email, _ = await somebody(desk, slug, role="agent")
    door.boss, door.boss_email, company = await somebody(desk, slug, role="boss")
    door.company = str(company)
    return door


async def claim_domains(door: Door, *domains: str) -> httpx2.Response:
    """Say which e-mail domains the company has."""
    path = f"/v1/organizations/{door.company}"
    tag = (await door.agent.get(path)).headers["etag"]
    body = {"email_domains": list(domains)}
    return await door.agent.patch(path, json=body, headers={"If-Match": tag})


async def confirm(
    client: httpx2.AsyncClient, link: str, password: str = PASSWORD
) -> httpx2.Response:
    """Follow the link in a mail, with the password for the account to be."""
    return await client.post(link, json={"password": password})


async def waiting(desk: Desk, door: Door, caller: httpx2.AsyncClient, email: str) -> dict[str, Any]:
    """Somebody who has confirmed his address and waits, as the agent sees him."""
    assert (await ask(caller, door.slug, email, message="I am *new*.")).status_code == 202
    answer = await confirm(caller, await mailed_link(desk, email))
    assert (answer.status_code, answer.json()) == (200, {"state": "waiting"})
    found = (await door.agent.get("/v1/registrations?state=waiting")).json()["items"]
    return next(each for each in found if each["email"] == email)


async def approve(
    client: httpx2.AsyncClient, held: str, organization: str, **more: Any
) -> httpx2.Response:
    """Let in who waits as the registration `held`."""
    body = {"organization": organization, **more}
    return await client.post(f"/v1/registrations/{held}/approval", json=body)


async def may_sign_in(client: httpx2.AsyncClient, door: Door, email: str) -> bool:
    """Whether the door opens for this address now."""
    body = {"email": email, "password": PASSWORD}
    answer = await client.post(f"/v1/portals/{door.slug}/sessions", json=body)
    return answer.status_code == 201
