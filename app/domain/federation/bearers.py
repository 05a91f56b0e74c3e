"""Callers with an access token of a directory: which tokens a portal accepts, and whose they
are."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.access_tokens import Bearer, validate_access_token
from app.domain.federation.authentication_request import metadata_of
from app.domain.federation.events import IdentityUsed
from app.domain.federation.providers import Rules, rules_of
from app.domain.federation.signing_keys import validate_with_keys
from app.domain.sign_in.tokens import Origin
from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.identity import AccessTokens
from app.gateways.openid import OpenIdProviders
from app.journal import record
from app.kernel import clock
from app.models.federation import ExternalIdentity


@dataclass(frozen=True, slots=True)
class Accepted:
    """The rules for access tokens for one audience."""

    rules: Rules
    access: AccessTokens


def accepted(definition: Definition, audience: str) -> Accepted | None:
    """The rules for tokens for `audience`; `None` where the portal accepts none."""
    for provider, access in definition.sign_in.directory_access:
        if access.audience == audience:
            return Accepted(rules_of(provider), access)
    return None


async def bearer_of(providers: OpenIdProviders, accepts: Accepted, token: str) -> Bearer:
    """Whom an access token names. Keys are kept as those of sign-ins; nothing of the database is
    held meanwhile. Raises `TokenRefused`, `ScopeMissing`, `RoleMissing`, `ProviderOutOfReach`,
    `ProviderUnavailable`."""
    metadata = await metadata_of(providers, accepts.rules)
    expected, access, now = accepts.rules.expected, accepts.access, clock.now()
    return await validate_with_keys(
        providers,
        metadata.jwks_uri,
        lambda keys: validate_access_token(token, keys, expected, access, now=now),
    )


async def note_day(session: AsyncSession, actor: Actor, origin: Origin) -> None:
    """Record that somebody's directory vouched for him, the first time that day (S4-18)."""
    held = await session.get(ExternalIdentity, (actor.tenant_id, actor.identity_id))
    if held is not None:
        used = IdentityUsed(
            subject_id=actor.person_id,
            way=f"directory:{held.provider}",
            network=origin.neighbourhood,
            device=origin.device_code,
        )
        await record(session, actor, used)
