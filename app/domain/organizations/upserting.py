"""Upserting organizations by external reference (S3-22): made the first time, changed every other
time. Sending the same again changes nothing."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.organizations.actions import change_organization, create_organization
from app.domain.organizations.external_references import held_by, taken
from app.domain.organizations.problems import OrganizationNotFound
from app.domain.organizations.queries import organization_for
from app.kernel.external_references import Reference
from app.kernel.versions import Stale
from app.models.organizations import Organization


async def upsert_organization(
    session: AsyncSession,
    actor: Actor,
    reference: Reference,
    *,
    said: dict[str, Any],
    expected_version: int | None = None,
) -> tuple[Organization, bool]:
    """The organization of this reference, made of or changed to what is `said` of it (its `name`,
    perhaps `state` and `email_domains`), and whether it is new. Needs `organizations:write`.

    Raises what `create_organization` and `change_organization` raise."""
    require(actor, "organizations:write")
    held = await held_by(session, actor, reference)
    if held is None:
        if expected_version is not None:
            raise Stale
        kept = await create_organization(
            session,
            actor,
            name=said["name"],
            external_ref=reference,
            email_domains=said.get("email_domains", ()),
        )
    else:
        try:
            kept = await organization_for(session, actor, held)
        except OrganizationNotFound as error:
            raise taken() from error
    changes = {
        name: value
        for name, value in said.items()
        if name == "email_domains" or value != getattr(kept, name)
    }
    if held is None:
        changes.pop("email_domains", None)
    if changes or expected_version is not None:
        kept = await change_organization(
            session, actor, str(kept.id), expected_version=expected_version, changes=changes
        )
    return kept, held is None
