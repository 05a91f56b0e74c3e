"""E-mail domains of organizations: whose they are, and whom they let in at once."""

import asyncio
from pathlib import Path

from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.registrations import (
    EVERYBODY,
    LINK,
    approve,
    ask,
    claim_domains,
    confirm,
    link_in,
    mailed_link,
    may_sign_in,
    new_door,
)
from tests.mailbox import text_of
from tests.refusals import refusal


async def test_an_address_of_a_verified_domain_is_let_in_at_once(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await new_door(desk, tmp_path, *EVERYBODY)
    assert (await claim_domains(door, "BÜCHER.example", door.domain)).status_code == 200
    email = door.address("xn--bcher-kva.example")
    await ask(caller, door.slug, email)
    # The mail server is told the domain in its own letters.
    await desk.work()
    (mail,) = [each for each in desk.mails() if email.partition("@")[0] in str(each["To"])]
    link = link_in(text_of(mail))
    assert (await confirm(caller, link)).json() == {"state": "approved"}
    assert await may_sign_in(caller, door, email)
    other = door.address("elsewhere.example")
    await ask(caller, door.slug, other)
    assert (await confirm(caller, await mailed_link(desk, other))).json() == {"state": "waiting"}


async def test_a_subdomain_and_an_inactive_organizations_domain_let_nobody_in(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await new_door(desk, tmp_path, *EVERYBODY)
    await claim_domains(door, door.domain)
    below = door.address(f"mail.{door.domain}")
    await ask(caller, door.slug, below)
    assert (await confirm(caller, await mailed_link(desk, below))).json() == {"state": "waiting"}
    path = f"/v1/organizations/{door.company}"
    tag = (await door.agent.get(path)).headers["etag"]
    gone = await door.agent.patch(path, json={"state": "inactive"}, headers={"If-Match": tag})
    assert gone.status_code == 200
    email = door.address()
    await ask(caller, door.slug, email)
    assert (await confirm(caller, await mailed_link(desk, email))).json() == {"state": "waiting"}
    shown = (await door.agent.get("/v1/registrations?state=waiting")).json()["items"]
    refused = await approve(door.agent, shown[0]["id"], door.company)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/organization"


async def test_a_domain_that_folds_to_the_same_text_and_is_another_lets_nobody_in(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await new_door(desk, tmp_path, *EVERYBODY)
    assert (await claim_domains(door, f"strasse-{door.domain}")).status_code == 200
    for spelled, state in (("STRASSE", "approved"), ("straße", "waiting"), ("Straẞe", "waiting")):
        desk.forget_mails()
        await ask(caller, door.slug, door.address(f"{spelled}-{door.domain}"))
        await desk.work()
        texts = [text_of(mail) for mail in desk.mails()]
        (link,) = (link_in(text) for text in texts if LINK.search(text))
        assert (await confirm(caller, link)).json() == {"state": state}, spelled


async def test_domains_are_an_organizations_own(desk: Desk, tmp_path: Path) -> None:
    door = await new_door(desk, tmp_path, *EVERYBODY)
    answer = await claim_domains(
        door, " Acme-Own.example", "acme-own.EXAMPLE", "XN--BCHER-KVA.example"
    )
    assert answer.json()["email_domains"] == ["acme-own.example", "bücher.example"]
    for domains, told in (
        (["gmail.com"], "email-domain-public"),
        (["Yahoo.co.uk"], "email-domain-public"),
        (["hotmail.se"], "email-domain-public"),
        (["no domain"], "email-domain-invalid"),
        (["acme"], "email-domain-invalid"),
        (["a@acme.example"], "email-domain-invalid"),
        (["127.0.0.1"], "email-domain-invalid"),
    ):
        refused = await claim_domains(door, "fine.example", *domains)
        assert refusal(refused) == (422, told), domains
        assert refused.json()["errors"][0]["pointer"] == "/email_domains/1"
    path = f"/v1/organizations/{door.company}"
    kept = (await door.agent.get(path)).json()["email_domains"]
    assert kept == ["acme-own.example", "bücher.example"]
    other = {"name": "Other", "email_domains": ["bücher.example"]}
    assert refusal(await door.agent.post("/v1/organizations", json=other)) == (
        409,
        "email-domain-taken",
    )
    assert (await door.boss.get(path)).json()["email_domains"] == kept
    tag = (await door.agent.get(path)).headers["etag"]
    body: dict[str, list[str]] = {"email_domains": []}
    mine = await door.boss.patch(path, json=body, headers={"If-Match": tag})
    assert mine.status_code == 403
    assert (await claim_domains(door)).json()["email_domains"] == []
    assert (await door.agent.post("/v1/organizations", json=other)).status_code == 201


async def test_of_many_organizations_that_want_a_domain_one_gets_it(
    desk: Desk, tmp_path: Path
) -> None:
    door = await new_door(desk, tmp_path, *EVERYBODY)
    body = {"name": "Wants it", "email_domains": ["wanted.example", f"x{door.domain}"]}
    answers = await asyncio.gather(
        *(door.agent.post("/v1/organizations", json=body) for _ in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
