"""Checking the configuration of a provider, for operators: what is right, what is wrong, what to
do."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.federation.authentication_request import CALLBACK
from app.domain.federation.id_tokens import usable_keys
from app.domain.federation.providers import Rules
from app.gateways.openid import OpenIdProviders, ProviderUnavailable
from app.kernel.named_secrets import named_secret, variable_of


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: what was checked, whether it is right, and what to do."""

    what: str
    well: bool
    said: str


async def look_at(
    providers: OpenIdProviders,
    rules: Rules,
    *,
    portal: str,
    base_url: str,
    secrets_dir: Path | None,
) -> AsyncIterator[Finding]:
    """Check a provider, one finding after the other."""
    yield _secret(rules, portal, secrets_dir)
    yield _well("Redirect address", f"register {base_url}{CALLBACK} there")
    try:
        metadata = await providers.metadata(rules.discovery_url)
    except ProviderUnavailable as error:
        yield _wrong("Discovery", f"{rules.discovery_url}: {_why(error.reason)}")
        return
    yield _well("Discovery", rules.discovery_url)
    if metadata.issuer != rules.expected.issuer:
        expected = rules.expected.issuer
        yield _wrong(
            "Issuer",
            f"it calls itself {metadata.issuer}, the definition says {expected};"
            " both must be the same to the letter",
        )
        return
    yield _well("Issuer", metadata.issuer)
    try:
        keys = await providers.keys(metadata.jwks_uri)
    except ProviderUnavailable as error:
        yield _wrong("Keys", f"{metadata.jwks_uri}: {_why(error.reason)}")
        return
    yield _keys(rules, keys)


def _well(what: str, said: str) -> Finding:
    return Finding(what, well=True, said=said)


def _wrong(what: str, said: str) -> Finding:
    return Finding(what, well=False, said=said)


def _secret(rules: Rules, portal: str, secrets_dir: Path | None) -> Finding:
    name = rules.provider.client_secret
    if name is None:
        return _well("Secret", "none: the portal is a public client")
    if named_secret(secrets_dir, portal, name):
        return _well("Secret", "there")
    place = (secrets_dir or Path("$SKRANKE_SECRETS_DIR")) / portal / name
    return _wrong("Secret", f"missing: set {variable_of(portal, name)} or write {place}")


def _keys(rules: Rules, keys: Iterable[Mapping[str, Any]]) -> Finding:
    usable = usable_keys(keys, rules.expected.algorithms)
    if not usable:
        wanted = ", ".join(sorted(rules.expected.algorithms))
        return _wrong("Keys", f"none signs in a way we take: {wanted}, RSA from 2048 bits")
    return _well("Keys", f"{usable} to check signatures with")


def _why(reason: str) -> str:
    return _WORDS.get(reason, f"does not answer as it should ({reason})")


_WORDS = {
    "not-https": "is not https (for tests, SKRANKE_LOOPBACK_PROVIDERS lets this machine be)",
    "inside": "leads into this machine or its network, and is never asked",
    "not-json": "answers something that is not JSON",
    "metadata-incomplete": "lacks issuer, authorization_endpoint, token_endpoint or jwks_uri",
    "no-keys": "has no keys",
    "status-404": "is not there; check the issuer or the directory for a slip",
    "too-slow": "takes longer than ten seconds",
    "ConnectError": "cannot be reached; check the name, and what lets this machine out",
}
