"""The callback (`redirect_uri`): the attempt it belongs to, and the identity the provider has
proven."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.authentication_request import CALLBACK, metadata_of
from app.domain.federation.id_tokens import Proven, TokenRefused, validate_id_token
from app.domain.federation.lifecycle import derived
from app.domain.federation.logout_tokens import LogoutDemand, validate_logout_token
from app.domain.federation.problems import (
    IdentityNotProven,
    LogoutTokenRefused,
    ProviderOutOfReach,
    SignInDeclined,
    SignInNotYours,
)
from app.domain.federation.providers import Rules, provider_for
from app.domain.federation.signing_keys import validate_with_keys
from app.domain.tenants.queries import definition_of
from app.gateways.openid import Metadata, OpenIdProviders, ProviderRefused, ProviderUnavailable
from app.kernel import clock
from app.kernel.logging import logger
from app.kernel.named_secrets import named_secret
from app.kernel.secrets import fingerprint
from app.models.federation import SignInAttempt

log = logger("federation")
_MOST_CHARACTERS = 5000


@dataclass(frozen=True, slots=True)
class Callback:
    """A valid callback: its attempt, the proven identity, and where to sign out at the provider."""

    attempt: SignInAttempt
    proven: Proven
    rules: Rules
    sign_out_url: str | None


async def take_attempt(
    session: AsyncSession, system: Actor, *, state: str, browser_secret: str
) -> SignInAttempt:
    """The attempt that this browser began, used up for good.

    Ends the transaction, so that it stays used whatever happens next, and no connection waits for
    the provider. Of many at the same moment one succeeds; the others get `SignInNotYours`."""
    found: SignInAttempt | None = await session.scalar(
        update(SignInAttempt)
        .where(
            SignInAttempt.tenant_id == system.tenant_id,
            SignInAttempt.state == fingerprint(state),
            SignInAttempt.browser == fingerprint(browser_secret),
            SignInAttempt.used_at.is_(None),
            SignInAttempt.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(SignInAttempt),
        execution_options={"synchronize_session": False},
    )
    if found is None:
        raise SignInNotYours
    await session.commit()
    return found


async def read_callback(
    session: AsyncSession,
    system: Actor,
    providers: OpenIdProviders,
    attempt: SignInAttempt,
    *,
    said: Mapping[str, str],
    browser_secret: str,
    base_url: str,
    secrets_dir: Path | None,
) -> Callback:
    """Redeem the code of a callback and validate the ID token; `said` is the callback's query.

    Raises `SignInDeclined`, `IdentityNotProven`, `ProviderOutOfReach`, `ProviderNotFound`."""
    definition = await definition_of(session, system)
    rules = provider_for(definition, attempt.provider)
    secret = _secret(rules, definition.portal.slug, secrets_dir)
    await session.commit()
    metadata = await metadata_of(providers, rules)
    _refuse_another(said, metadata)
    if "error" in said:
        log.info("sign_in_declined", provider=rules.provider.key)
        raise SignInDeclined
    code = said.get("code", "")
    if not 0 < len(code) <= _MOST_CHARACTERS:
        raise IdentityNotProven
    try:
        token = await providers.redeem(
            metadata,
            code=code,
            verifier=derived(browser_secret, "verifier"),
            redirect_uri=f"{base_url}{CALLBACK}",
            client_id=rules.provider.client_id,
            client_secret=secret,
        )
        nonce, now = derived(browser_secret, "nonce"), clock.now()
        proven = await validate_with_keys(
            providers,
            metadata.jwks_uri,
            lambda keys: validate_id_token(token, keys, rules.expected, nonce=nonce, now=now),
        )
    except (ProviderRefused, TokenRefused) as error:
        log.warning("identity_not_proven", provider=rules.provider.key, reason=error.reason)
        raise IdentityNotProven from error
    except ProviderUnavailable as error:
        log.warning("provider_unavailable", provider=rules.provider.key, reason=error.reason)
        raise ProviderOutOfReach from error
    return Callback(attempt, proven, rules, metadata.end_session_endpoint)


async def read_logout_token(
    session: AsyncSession, system: Actor, providers: OpenIdProviders, key: str, token: str
) -> LogoutDemand:
    """What a provider's logout token asks for. Ends the transaction, as `take_attempt` does.

    Raises `ProviderNotFound`, `LogoutTokenRefused`, `ProviderOutOfReach`."""
    rules = provider_for(await definition_of(session, system), key)
    await session.commit()
    metadata = await metadata_of(providers, rules)
    now = clock.now()
    try:
        return await validate_with_keys(
            providers,
            metadata.jwks_uri,
            lambda keys: validate_logout_token(token, keys, rules.expected, now=now),
        )
    except TokenRefused as error:
        log.warning("logout_token_refused", provider=key, reason=error.reason)
        raise LogoutTokenRefused from error
    except ProviderUnavailable as error:
        raise ProviderOutOfReach from error


def _refuse_another(said: Mapping[str, str], metadata: Metadata) -> None:
    """Refuse an answer of another provider than was asked (mix-up; RFC 9207)."""
    issuer = said.get("iss")
    if issuer is None and not metadata.names_itself:
        return
    if issuer != metadata.issuer:
        raise IdentityNotProven


def _secret(rules: Rules, portal: str, secrets_dir: Path | None) -> SecretStr | None:
    name = rules.provider.client_secret
    if name is None:
        return None
    found = named_secret(secrets_dir, portal, name)
    if found is None:
        log.error("secret_missing", provider=rules.provider.key, portal=portal)
        raise ProviderOutOfReach
    return found
