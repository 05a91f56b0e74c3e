"""The authentication request: a browser is sent to a provider to sign in there (OpenID Connect Core
3.1.2.1), by authorization code with PKCE, `state` and `nonce` (RFC 9700)."""

import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.federation.lifecycle import ATTEMPT, derived, may_return_to, with_query
from app.domain.federation.problems import (
    ProviderOutOfReach,
    ReturnAddressRefused,
    SignInNotYours,
)
from app.domain.federation.providers import Rules, provider_for
from app.domain.sign_in.reauthentication import prove_again
from app.domain.sign_in.tokens import Origin
from app.domain.tenants.definition import Definition
from app.domain.tenants.queries import definition_of
from app.gateways.openid import Metadata, OpenIdProviders, ProviderUnavailable
from app.kernel import base64url, clock, ids
from app.kernel.logging import logger
from app.kernel.secrets import fingerprint, new_token
from app.models.federation import SignInAttempt

log = logger("federation")
Purpose = Literal["sign_in", "invitation", "link"]
CALLBACK = "/v1/oidc/callback"


@dataclass(frozen=True, slots=True)
class Route:
    """A provider with its rules and discovery document, and the address to return to."""

    rules: Rules
    metadata: Metadata
    return_to: str


@dataclass(frozen=True, slots=True)
class Errand:
    """The purpose of the attempt, where it is more than signing in."""

    purpose: Purpose = "sign_in"
    person_id: UUID | None = None
    session_id: UUID | None = None
    invitation_id: UUID | None = None
    link: bytes | None = None
    terms_version: str | None = None


@dataclass(frozen=True, slots=True)
class AuthenticationRequest:
    """Where a browser is sent, and what it must keep (in a cookie) until the callback."""

    url: str
    state: str
    browser_secret: str
    seconds: int = int(ATTEMPT.total_seconds())


async def look_up(
    session: AsyncSession,
    actor: Actor,
    providers: OpenIdProviders,
    key: str,
    *,
    return_to: str | None,
) -> Route:
    """The way to the portal's provider `key`, and back to `return_to`.

    Ends the transaction, so that no connection waits for the provider: nothing may have been
    changed before. Raises `ProviderNotFound`, `ReturnAddressRefused`, `ProviderOutOfReach`."""
    definition = await definition_of(session, actor)
    rules = provider_for(definition, key)
    back = return_to or definition.portal.address or "/"
    if not may_return_to(back, origins_of(definition)):
        raise ReturnAddressRefused
    await session.commit()
    return Route(rules, await metadata_of(providers, rules), back)


async def metadata_of(providers: OpenIdProviders, rules: Rules) -> Metadata:
    """The provider's metadata, provided that its issuer is the configured one.

    Raises `ProviderOutOfReach`."""
    try:
        metadata = await providers.metadata(rules.discovery_url)
    except ProviderUnavailable as error:
        log.warning("provider_unavailable", provider=rules.provider.key, reason=error.reason)
        raise ProviderOutOfReach(headers={"Retry-After": "30"}) from error
    if metadata.issuer != rules.expected.issuer:
        log.error("provider_is_another", provider=rules.provider.key)
        raise ProviderOutOfReach
    return metadata


async def begin_authentication(
    session: AsyncSession,
    system: Actor,
    route: Route,
    *,
    base_url: str,
    errand: Errand | None = None,
) -> AuthenticationRequest:
    """Store an attempt and return the request to redirect the browser with."""
    errand = errand or Errand()
    state, secret = new_token("sks"), new_token("skb")
    now = clock.now()
    session.add(
        SignInAttempt(
            tenant_id=system.tenant_id,
            id=ids.new_id(),
            purpose=errand.purpose,
            provider=route.rules.provider.key,
            state=fingerprint(state),
            browser=fingerprint(secret),
            return_to=route.return_to,
            person_id=errand.person_id,
            session_id=errand.session_id,
            invitation_id=errand.invitation_id,
            link=errand.link,
            terms_version=errand.terms_version,
            created_at=now,
            expires_at=now + ATTEMPT,
        )
    )
    await session.flush()
    asked = {
        "response_type": "code",
        "client_id": route.rules.provider.client_id,
        "redirect_uri": f"{base_url}{CALLBACK}",
        "scope": "openid profile email",
        "state": state,
        "nonce": derived(secret, "nonce"),
        "code_challenge": _challenge(derived(secret, "verifier")),
        "code_challenge_method": "S256",
    }
    if errand.purpose != "sign_in" and route.rules.asks_which_account:
        asked["prompt"] = "select_account"
    return AuthenticationRequest(
        with_query(route.metadata.authorization_endpoint, **asked), state, secret
    )


async def begin_linking(
    session: AsyncSession,
    actor: Actor,
    route: Route,
    *,
    password: str | None,
    origin: Origin,
    base_url: str,
) -> AuthenticationRequest:
    """The authentication request of somebody who is signed in and links another account, after
    reauthentication.
    Raises `SignInNotYours` and what `prove_again` raises."""
    if actor.session_id is None:
        raise SignInNotYours
    errand = Errand(purpose="link", person_id=actor.person, session_id=actor.session_id)
    async with as_system(session, actor) as system:
        await prove_again(session, system, actor, password, origin)
        return await begin_authentication(session, system, route, base_url=base_url, errand=errand)


def origins_of(definition: Definition) -> set[str]:
    """Where a portal sends people: its own address, and the origins it names."""
    found = set(definition.sign_in.return_origins)
    if definition.portal.address:
        parts = urlsplit(definition.portal.address)
        found.add(f"{parts.scheme}://{parts.netloc}")
    return found


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64url.encode(digest)
