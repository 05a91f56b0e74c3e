"""A provider's signing keys: providers change them, so an unknown key has them fetched anew."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.domain.federation.id_tokens import KeyUnknown
from app.gateways.openid import Key, OpenIdProviders

Validated = TypeVar("Validated")


async def validate_with_keys(
    providers: OpenIdProviders, jwks_uri: str, validate: Callable[[Sequence[Key]], Validated]
) -> Validated:
    """What `validate` makes of the keys at `jwks_uri`: of those kept in the process, and once more
    with those fetched anew where it raises `KeyUnknown`.

    Raises `ProviderUnavailable` and what `validate` raises."""
    try:
        return validate(await providers.keys(jwks_uri))
    except KeyUnknown:
        return validate(await providers.keys_anew(jwks_uri))
