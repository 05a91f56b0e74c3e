"""Portals that take people who ask themselves, and those who ask."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from app.kernel import clock, ids
from app.models.registrations import Registration
from tests.desk import Desk
from tests.factories import definitions
from tests.factories.people import PASSWORD, as_system, newcomer
from tests.mailbox import text_of

LINK = re.compile(r"http://127\.0\.0\.1:8000/registrations/(skg_[A-Za-z0-9_-]{43})")
EVERYBODY = ("agent", "company_admin", "email_domain")


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
