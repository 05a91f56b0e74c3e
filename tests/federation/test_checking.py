"""`skranke idp check` tells in words what is wrong with a provider."""

from pathlib import Path
from typing import Any

from app.domain.federation.checking import Finding, look_at
from app.domain.federation.providers import rules_of
from app.domain.tenants.definition.identity import OpenId
from app.gateways.openid import OpenIdProviders
from app.gateways.outgoing import Outgoing
from tests.providers.certified import Provider


async def told(issuer: str, folder: Path | None = None, **more: Any) -> dict[str, Finding]:
    provider = OpenId(kind="oidc", key="other", client_id="portal", issuer=issuer, **more)
    outgoing = Outgoing(loopback=True)
    found = look_at(
        OpenIdProviders(outgoing),
        rules_of(provider),
        portal="small",
        base_url="https://desk.example",
        secrets_dir=folder,
    )
    try:
        return {finding.what: finding async for finding in found}
    finally:
        await outgoing.close()


async def test_a_provider_that_is_well(certified: Provider) -> None:
    found = await told(certified.issuer)
    assert all(finding.well for finding in found.values())
    assert "https://desk.example/v1/oidc/callback" in found["Redirect address"].said
    assert found["Keys"].said.startswith("1 ")


async def test_what_is_wrong_is_named_with_what_to_do(certified: Provider, tmp_path: Path) -> None:
    away = await told("http://127.0.0.1:9")
    assert "cannot be reached" in away["Discovery"].said
    slash = await told(f"{certified.issuer}/")
    assert "to the letter" in slash["Issuer"].said
    absent = await told(certified.issuer, tmp_path, client_secret="not-set")
    assert "SKRANKE_SECRET__SMALL__NOT_SET" in absent["Secret"].said
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "not-set").write_text("now it is")
    assert (await told(certified.issuer, tmp_path, client_secret="not-set"))["Secret"].well
    elsewhere = await told(f"{certified.issuer}/nowhere")
    assert "check the issuer" in elsewhere["Discovery"].said
