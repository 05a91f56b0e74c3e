"""Portals that take access tokens of a directory, and who calls with them."""

from typing import Any
from uuid import uuid4

import httpx2

from app.domain.federation.programs import bind_program
from app.domain.people.actions import create_person
from tests.desk import Desk
from tests.factories.definitions import Bend, Document, named
from tests.factories.federation import PORTAL
from tests.factories.people import as_system
from tests.providers.entra import Account, Claims, Entra

DIRECTORY, OTHER = str(uuid4()), str(uuid4())
AUDIENCE, CLIENT, PROGRAM = str(uuid4()), str(uuid4()), str(uuid4())
PERMISSIONS = ["tickets:create", "tickets:read:own", "people:read"]
#: What the portal lets programs do.
OF_PROGRAMS = ["people:read", "tickets:open_on_behalf", "tickets:read:tenant"]


def taking(microsoft: Entra, **more: Any) -> Bend:
    """A bend that takes access tokens of one directory."""

    def bend(written: Document) -> None:
        access = {
            "audience": AUDIENCE,
            "clients": [CLIENT],
            "permissions": list(PERMISSIONS),
            **more,
        }
        provider = {
            "key": "microsoft",
            "kind": "entra",
            "directory": DIRECTORY,
            "client_id": microsoft.client_id,
            "authority": microsoft.base,
            "access_tokens": access,
        }
        written["sign_in"].setdefault("providers", []).append(provider)

    return bend


def taking_programs(microsoft: Entra, **more: Any) -> Bend:
    """A bend that takes access tokens of programs too, and has a role that binds them."""
    take = taking(microsoft, programs={"permissions": OF_PROGRAMS, **more})

    def bend(written: Document) -> None:
        take(written)
        written["roles"].append(named("keeper", side="agent", like="tenant_admin"))

    return bend


async def program_of(
    desk: Desk,
    held: Entra,
    *,
    portal: str = PORTAL,
    oid: str | None = None,
    role: str = "agent",
    **more: Any,
) -> tuple[Account, str, str]:
    """A program of the directory that is bound to a new service account: as it stands there, its
    id here and that of the account."""
    who = held.account(DIRECTORY, "program")
    who.oid = oid or who.oid
    given = {
        "name": "Nightly import",
        "provider": "microsoft",
        "directory": None,
        "client_id": PROGRAM,
        "scopes": OF_PROGRAMS,
        **more,
    }
    async with as_system(desk, portal) as (session, system):
        robot = await create_person(
            session, system, name="Robot", side="agent", role=role, service=True
        )
        program = await bind_program(
            session, system, service_account=robot.id, object_id=who.oid, **given
        )
        return who, str(program), str(robot.id)


def own_token(held: Entra, who: Account, **bent: Any) -> str:
    """A program's own token, with some claims bent; `None` takes one away."""
    claims = held.program_claims(who, AUDIENCE, PROGRAM) | bent
    return held.signed(without_none(claims))


def without_none(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not None}


def calling(door: Desk, token: str, portal: str | None = PORTAL) -> httpx2.AsyncClient:
    """Whoever calls with a directory's token at a portal."""
    at = {"X-Skranke-Portal": portal} if portal else {}
    return door.anybody(Authorization=f"Bearer {token}", **at)


def refused(answer: httpx2.Response) -> bool:
    """Whether it is refused as RFC 6750 (3.1) has it."""
    challenge = answer.headers.get("www-authenticate", "")
    return (
        answer.status_code == 401
        and answer.json()["code"] == "unauthenticated"
        and 'error="invalid_token"' in challenge
    )
