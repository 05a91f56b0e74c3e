"""A portal that takes people who ask themselves: none of the five shipped ones does, so it is
crm-service's definition, opened."""

import re
from pathlib import Path

import pytest
import yaml
from httpx2 import Client

from app.commands.applying import SHIPPED, apply_file, at_portal
from app.database.session import Database
from app.domain.people.actions import create_person
from app.domain.sign_in.password_changes import set_first_password
from tests.served import Served

PORTAL = "open-crm"
PASSWORD = "seven wet dogs on a tram"
_LINK = re.compile(r"/registrations/(skg_[A-Za-z0-9_-]{43})")


@pytest.fixture
async def opened(served: Served, tmp_path: Path) -> str:
    """The portal, put in force as its operator would."""
    written = yaml.safe_load((SHIPPED / "crm-service.yaml").read_text())
    written["portal"] |= {"slug": PORTAL, "number_prefix": "OPEN"}
    opening = {"let_in_by": ["agent", "company_admin", "email_domain"], "role": "perus"}
    written["sign_in"]["local"]["self_registration"] = opening
    file = tmp_path / "open.yaml"
    file.write_text(yaml.dump(written, allow_unicode=True))
    assert served.settings.worker_database_url
    database = Database(served.settings.worker_database_url, pool_size=2, name="tests")
    try:
        await apply_file(database, file)
    finally:
        await database.close()
    return PORTAL


@pytest.fixture
async def agent(served: Served, opened: str) -> Client:
    """The portal's agent."""
    assert served.settings.worker_database_url
    database = Database(served.settings.worker_database_url, pool_size=2, name="tests")
    email = "agent@open.example"
    try:
        async with at_portal(database, opened) as (session, system):
            made = await create_person(
                session, system, name="Agent", email=email, side="agent", role="agent"
            )
            await set_first_password(session, system, made, PASSWORD)
    finally:
        await database.close()
    return served.signed_in(opened, email, PASSWORD)


def _ask(served: Served, email: str) -> Client:
    anybody = served.anybody()
    assert anybody.get(f"/v1/portals/{PORTAL}").json()["self_registration"] is True
    asked = {"name": "Newcomer", "email": email, "language": "en"}
    assert anybody.post(f"/v1/portals/{PORTAL}/registrations", json=asked).status_code == 202
    return anybody


def _confirmed(served: Served, email: str) -> str:
    anybody = _ask(served, email)
    secret = _LINK.findall(served.mail_to(email, "/registrations/"))[0]
    path = f"/v1/registrations/{secret}/confirmation"
    answer = anybody.post(path, json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


def test_somebody_of_a_site_registers_there_and_asks_his_first_question(
    served: Served, opened: str, agent: Client
) -> None:
    """S2-20, S4-19: an account is asked for in the company's own site; S4-2 to S4-6, S3-1, S3-9:
    an agent lets the contact in, in a role, and no password is ever mailed."""
    company = agent.post(
        "/v1/organizations", json={"name": "Acme Oy", "email_domains": ["acme-own.example"]}
    ).json()
    assert company["email_domains"] == ["acme-own.example"]

    stranger = "newcomer@elsewhere.example"
    assert _confirmed(served, stranger) == "waiting"
    (waiting,) = agent.get("/v1/registrations?state=waiting").json()["items"]
    assert waiting["email"] == stranger
    approval = {"organization": company["id"], "role": "perus"}
    let_in = agent.post(f"/v1/registrations/{waiting['id']}/approval", json=approval)
    assert let_in.status_code == 200, let_in.text
    mail = served.mail_to(stranger, "your access is ready")
    assert PASSWORD not in mail
    first = served.signed_in(opened, stranger, PASSWORD)
    asked = {"type": "support", "subject": "How?", "description": "How do I begin?"}
    assert first.post("/v1/tickets", json=asked).status_code == 201

    assert _confirmed(served, "newcomer@acme-own.example") == "approved"
    second = served.signed_in(opened, "newcomer@acme-own.example", PASSWORD)
    assert second.get("/v1/me").json()["memberships"][0]["organization"]["id"] == company["id"]

    _ask(served, stranger)
    assert "/password-resets/" in served.mail_to(stranger, "You have access already")
