"""The verbs: which demo portals have no past yet, and writing it, whole or not at all."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.commands.applying import SHIPPED, at_portal
from app.commands.demo import SOURCE, demo_people_of
from app.commands.demo_history.cast import Cast, gather
from app.commands.demo_history.checks import Script, load_history
from app.commands.demo_history.papers import content_of, in_one_piece
from app.commands.demo_history.playing import Player, Received
from app.commands.demo_history.script import Paper
from app.commands.failures import CommandFailed, Exit
from app.database.session import Database
from app.domain.attachments.actions import ReceivedFile, begin_upload
from app.domain.attachments.inspection import Inspection
from app.domain.attachments.lifecycle import largest
from app.domain.attachments.reactions import make_thumbnail
from app.domain.tenants.definition import Definition, Path
from app.domain.tenants.queries import definition_of
from app.gateways.scanner import Scanner
from app.gateways.storage import Storage, StorageUnavailable, object_key, open_storage
from app.journal import Reactions, Recorded
from app.kernel.settings import Settings
from app.models.organizations import Organization
from app.models.portals import Tenant
from app.models.tickets import Ticket
from app.reactions import IN_THE_TRANSACTION

SCRIPTS = SHIPPED / "demo" / "history"
#: How many portals get their past side by side: one computes while the database works for others.
AT_ONCE = 3
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Coming:
    """A file of the script whose upload has begun."""

    path: Path
    paper: Paper
    uploader: Actor
    id: UUID


@dataclass(frozen=True, slots=True)
class _Afterwards:
    """What is left of the worker's part: small pictures. All else it does is writing mails."""

    database: Database
    storage: Storage
    scanner: Scanner | None = None
    _added: list[Recorded] = field(default_factory=list)

    def reactions(self) -> Reactions:
        """What follows at once as ever, and nothing for the queue."""
        at_once = {name: list(reacts) for name, reacts in IN_THE_TRANSACTION.items()}
        at_once.setdefault("attachment.added", []).append(self._note)
        return Reactions(in_the_transaction=at_once)

    async def _note(self, _session: AsyncSession, _system: Actor, event: Recorded) -> None:
        self._added.append(event)

    async def finish(self) -> None:
        """Make the small pictures."""
        for event in self._added:
            with suppress(StorageUnavailable):
                await make_thumbnail(self, event)


def script_of(definition: Definition) -> Script | None:
    """The past shipped for a portal, if there is one. Raises `DefinitionError`."""
    file = SCRIPTS / f"{definition.portal.slug}.yaml"
    people = demo_people_of(definition)
    return load_history(file, definition, people) if people and file.exists() else None


async def unwritten(database: Database) -> list[str]:
    """The portals whose past is shipped and could be written now: their demo people are there,
    and nobody has ever opened a ticket."""
    found = []
    for slug in sorted(file.stem for file in SCRIPTS.glob("*.yaml")):
        try:
            async with at_portal(database, slug) as (session, system):
                if not await _obstacle(session, system):
                    found.append(slug)
        except LookupError:
            continue
    return found


async def write_histories(
    database: Database, settings: Settings, slugs: Sequence[str], tell: Tell
) -> None:
    """Write the past of several demo portals, `AT_ONCE` side by side, which takes as many
    connections; each is whole or not at all. Raises as `write_history`."""
    places = asyncio.Semaphore(AT_ONCE)

    async def write(slug: str) -> None:
        async with places:
            await write_history(database, settings, slug, tell)

    try:
        async with asyncio.TaskGroup() as group:
            for slug in slugs:
                group.create_task(write(slug))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def write_history(database: Database, settings: Settings, slug: str, tell: Tell) -> int:
    """Write the past of one demo portal: all of it in one transaction, or nothing. Answers how
    many tickets it has.

    No mail goes out for it, and nothing is put into the queue. `tell` hears how far it is. Raises
    `CommandFailed` where the portal has tickets already or is no demo, `DefinitionError`."""
    storage = open_storage(settings.storage_address)
    async with at_portal(database, slug) as (session, system):
        await _require_no_past(session, system)
        definition = await definition_of(session, system)
        script, people = script_of(definition), demo_people_of(definition)
        cast = await gather(session, system, people) if people else None
        if script is None or cast is None:
            raise CommandFailed(f"No history is shipped for {slug!r}.", Exit.DEFINITION)
        coming = await _begin(session, cast, script)
    try:
        received = await _received(storage, settings, definition, coming)
    except StorageUnavailable:
        line = "No history was written: the storage takes no files. Look at SKRANKE_STORAGE_URL."
        raise CommandFailed(line, Exit.NOT_WELL) from None
    after = _Afterwards(database, storage)
    total = len(script.history.tickets)
    opened = count(1)
    async with at_portal(database, slug) as (session, system):
        tenant = select(Tenant.id).where(Tenant.id == system.tenant_id)
        await session.execute(tenant.with_for_update(key_share=True))  # one history at a time
        await _require_no_past(session, system)
        session.info["reactions"] = after.reactions()
        scanned = settings.scanner_url is not None
        player = Player(session, system, definition, script, cast, received, scanned)
        await player.play(lambda: tell(f"{slug} ({next(opened)} of {total})"))
    await after.finish()
    return total


async def _require_no_past(session: AsyncSession, system: Actor) -> None:
    if obstacle := await _obstacle(session, system):
        raise CommandFailed(f"No history was written: {obstacle}.", Exit.DEFINITION)


async def _obstacle(session: AsyncSession, system: Actor) -> str | None:
    """Why a portal cannot get a past, or gets none any more."""
    opened = exists().where(Ticket.tenant_id == system.tenant_id)
    if await session.scalar(select(opened)):
        return "tickets have been opened there"
    made_as_demo = exists().where(
        Organization.tenant_id == system.tenant_id, Organization.external_source == SOURCE
    )
    if not await session.scalar(select(made_as_demo)):
        return "its demo people are not there"
    return None


def _papers_of(script: Script) -> Iterator[tuple[Path, str, Paper]]:
    """Every file of the script: its place, whose it is, and what it is."""
    for place, ticket in enumerate(script.history.tickets):
        at: Path = ("tickets", place)
        yield from ((at, ticket.by, paper) for paper in ticket.files)
        for inner, step in enumerate(ticket.steps):
            yield from (((*at, "steps", inner), step.by, paper) for paper in step.files)


async def _begin(session: AsyncSession, cast: Cast, script: Script) -> list[_Coming]:
    """Begin an upload for each file: should we be killed before all is written, its timer sees
    to what lies in the storage then."""
    return [
        _Coming(path, paper, cast[email], await begin_upload(session, cast[email]))
        for path, email, paper in _papers_of(script)
    ]


async def _received(
    storage: Storage, settings: Settings, definition: Definition, coming: Sequence[_Coming]
) -> Received:
    """The files, drawn up and put into the storage; nobody knows of them yet."""
    limit = largest(definition.attachments, settings.attachment_limit_bytes)
    color = definition.portal.branding.accent_color
    received: dict[Path, list[ReceivedFile]] = {}
    for file in coming:
        key = object_key(file.uploader.tenant_id, file.id)
        inspection = Inspection(file.paper.name, limit=limit, types=definition.attachments.types)
        content = in_one_piece(content_of(file.paper, color))
        await storage.put(key, inspection.through(content))
        received.setdefault(file.path, []).append(inspection.received(file.id, key))
    return received
