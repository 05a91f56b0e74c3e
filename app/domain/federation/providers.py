"""A provider of a portal definition as rules: where its discovery stands, what its tokens are held
to, what its button says."""

from dataclasses import dataclass
from typing import Literal

from app.domain.federation.id_tokens import TEMPLATE, Expected
from app.domain.federation.problems import ProviderNotFound
from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.identity import (
    Entra,
    EntraExternalId,
    EntraMulti,
    Google,
    Provider,
)
from app.kernel.locale import label, translate

Kind = Literal["entra", "entra_multi", "entra_external_id", "google", "oidc"]
_WELL_KNOWN = ".well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Rules:
    """A provider's discovery document, and what it and its tokens are held to."""

    provider: Provider
    discovery_url: str
    expected: Expected

    @property
    def asks_which_account(self) -> bool:
        """Whether it can be made to ask which account is meant."""
        return self.provider.kind != "oidc"


def provider_for(definition: Definition, key: str) -> Rules:
    """The provider a portal offers under `key`. Raises `ProviderNotFound`."""
    for provider in definition.sign_in.providers:
        if provider.key == key and provider.offered:
            return rules_of(provider)
    raise ProviderNotFound(portal=definition.portal.slug)


def rules_of(provider: Provider) -> Rules:
    """What a provider of the definition is held to."""
    match provider:
        case Entra():
            place = f"{provider.authority.rstrip('/')}/{provider.directory}/v2.0"
            expected = Expected(
                client_id=provider.client_id,
                issuer=place,
                directories=frozenset({provider.directory}),
                algorithms=frozenset({"RS256"}),
            )
        case EntraMulti():
            authority = provider.authority.rstrip("/")
            audience = "common" if provider.personal_accounts else "organizations"
            place = f"{authority}/{audience}/v2.0"
            expected = Expected(
                client_id=provider.client_id,
                issuer=f"{authority}/{{tenantid}}/v2.0",
                directories=frozenset(provider.directories),
                personal_accounts=provider.personal_accounts,
                algorithms=frozenset({"RS256"}),
            )
        case EntraExternalId():
            directory = provider.directory
            place = f"{provider.authority.rstrip('/')}/{directory}/v2.0"
            expected = Expected(
                client_id=provider.client_id,
                issuer=provider.issuer or f"https://{directory}.ciamlogin.com/{directory}/v2.0",
                directories=frozenset({directory}),
                algorithms=frozenset({"RS256"}),
            )
        case Google():
            place = provider.issuer.rstrip("/")
            # Google leaves the scheme out in some tokens and says so.
            bare = provider.issuer.partition("://")[2]
            expected = Expected(
                client_id=provider.client_id, issuer=provider.issuer, also_issuer=bare
            )
        case _:
            place = provider.issuer.rstrip("/")
            expected = Expected(client_id=provider.client_id, issuer=provider.issuer)
    return Rules(provider, f"{place}/{_WELL_KNOWN}", expected)


def issuer_of(rules: Rules, directory: str) -> str:
    """Who signs the tokens of one of the directories that are let in."""
    return rules.expected.issuer.replace(TEMPLATE, directory)


def label_of(provider: Provider) -> str:
    """What the button of a provider says."""
    if provider.labels:
        return label(provider.labels)
    if provider.kind == "google":
        return translate("Sign in with Google")
    if provider.kind == "oidc":
        return translate("Sign in with {name}", name=provider.key)
    return translate("Sign in with Microsoft")
