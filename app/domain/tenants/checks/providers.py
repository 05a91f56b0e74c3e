"""Providers: what access tokens of their directories carry, and that each is one provider's."""

from collections.abc import Iterator

from app.access.permissions import NEVER_DELEGATED, PERMISSIONS
from app.domain.tenants.definition import Definition, Flaw
from app.domain.tenants.definition.identity import OfDirectory


def provider_flaws(definition: Definition) -> Iterator[Flaw]:
    """Access tokens that carry nothing known or what nobody hands on, and audiences named twice."""
    seen: set[str] = set()
    for place, provider in enumerate(definition.sign_in.providers):
        if not isinstance(provider, OfDirectory) or provider.access_tokens is None:
            continue
        path = ("sign_in", "providers", place, "access_tokens")
        if provider.access_tokens.audience in seen:
            yield Flaw((*path, "audience"), "another provider takes tokens for this audience")
        seen.add(provider.access_tokens.audience)
        for position, permission in enumerate(provider.access_tokens.permissions):
            at = (*path, "permissions", position)
            if permission not in PERMISSIONS:
                yield Flaw(at, f"there is no permission {permission!r}")
            elif permission in NEVER_DELEGATED:
                yield Flaw(at, f"{permission!r} is nobody's to hand on")
