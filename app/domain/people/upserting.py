"""Upserting customers' contacts by external reference (S3-22): made the first time, changed every
other time. Sending the same again changes nothing."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.people.actions import change_person, create_person
from app.domain.people.external_references import held_by, taken
from app.domain.people.problems import PersonNotFound
from app.domain.people.queries import person_for, profile_of
from app.kernel.external_references import Reference
from app.kernel.versions import Stale
from app.models.people import Person


async def upsert_person(
    session: AsyncSession,
    actor: Actor,
    reference: Reference,
    *,
    said: dict[str, Any],
    expected_version: int | None = None,
) -> tuple[Person, bool]:
    """The person with this reference, created from or changed to what is `said` of him (`name`,
    `email`, perhaps `phone` and `language`), and whether he is new. Needs `people:write`.

    Raises what `create_person` and `change_person` raise, `PersonReferenceTaken` for somebody the
    actor may not read."""
    require(actor, "people:write")
    held = await held_by(session, actor, reference)
    if held is None:
        if expected_version is not None:
            raise Stale
        return await create_person(session, actor, external_ref=reference, **said), True
    try:
        person = await person_for(session, actor, held)
    except PersonNotFound as error:
        raise taken() from error
    known = (await profile_of(session, actor, person.id)).person
    changes = {name: value for name, value in said.items() if value != getattr(known, name, None)}
    if changes or expected_version is not None:
        person = await change_person(
            session, actor, person.id, expected_version=expected_version, changes=changes
        )
    return person, False
