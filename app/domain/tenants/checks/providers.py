"""Checks of access tokens of directories: permissions that exist, and an audience for one provider
each."""

from collections.abc import Iterator

from app.access.permissions import NEVER_DELEGATED, PERMISSIONS
from app.domain.tenants.definition import Definition, Flaw
from app.domain.tenants.definition.base import Path
from app.domain.tenants.definition.identity import AccessTokens, OfDirectory


def provider_flaws(definition: Definition) -> Iterator[Flaw]:
    """Permissions that do not exist or cannot be delegated, access tokens for nobody, and audiences
    named twice."""
    seen: set[str] = set()
    for place, provider in enumerate(definition.sign_in.providers):
        if not isinstance(provider, OfDirectory) or provider.access_tokens is None:
            continue
        path = ("sign_in", "providers", place, "access_tokens")
        access = provider.access_tokens
        if access.audience in seen:
            yield Flaw((*path, "audience"), "another provider takes tokens for this audience")
        seen.add(access.audience)
        yield from _nobodys(access, path)
        yield from _unfit((*path, "permissions"), access.permissions)
        if access.programs:
            yield from _unfit((*path, "programs", "permissions"), access.programs.permissions)


def _nobodys(access: AccessTokens, path: Path) -> Iterator[Flaw]:
    if not access.clients and (access.permissions or access.programs is None):
        yield Flaw((*path, "clients"), "name the programs that may call for people")
    if access.clients and not access.permissions:
        yield Flaw((*path, "permissions"), "say what people's tokens carry")


def _unfit(path: Path, permissions: tuple[str, ...]) -> Iterator[Flaw]:
    for position, permission in enumerate(permissions):
        if permission not in PERMISSIONS:
            yield Flaw((*path, position), f"there is no permission {permission!r}")
        elif permission in NEVER_DELEGATED:
            yield Flaw((*path, position), f"{permission!r} is nobody's to hand on")
