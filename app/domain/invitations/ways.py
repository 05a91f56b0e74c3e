"""The ways in which an invitation is accepted: the portal's providers, and a password."""

from collections.abc import Sequence

from app.domain.tenants.definition import Definition

LOCAL = "local"


def ways_of(definition: Definition, only: str | None) -> Sequence[str]:
    """Keys of providers, and `local`; only one of them where the invitation says so.

    A password that is only for demonstration is not offered when there are providers."""
    found = [provider.key for provider in definition.sign_in.providers if provider.offered]
    local = definition.sign_in.local
    if local.enabled and not (local.demo_only and found):
        found.append(LOCAL)
    return [way for way in found if way == only] or found


def link_of(definition: Definition, pages: str, token: str) -> str:
    """The address in the mail of an invitation: the tenant's own page, else ours below `pages`."""
    template = definition.sign_in.invitation_link or f"{pages}/invitations/{{token}}"
    return template.replace("{token}", token)
