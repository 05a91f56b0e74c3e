"""What a job is given to work with, and the types of jobs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.session import Database
from app.gateways.mail import Mailer
from app.gateways.scanner import Scanner
from app.gateways.storage import Storage
from app.journal.events import Recorded
from app.kernel.secrets import Signer
from app.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Workbench:
    """The worker's tools: its own role's database, and the ways to the outside world."""

    settings: Settings
    database: Database
    mailer: Mailer
    storage: Storage
    scanner: Scanner | None
    signer: Signer


#: A reaction of the worker to an event. At least once: it must be safe to repeat.
Afterwards = Callable[[Workbench, Recorded], Awaitable[None]]
#: What is done again and again; answers how much there was, 0 for "no hurry".
Round = Callable[[Workbench], Awaitable[int]]
#: What a timer does: looks again whether it is still due, inside one transaction.
OnTime = Callable[[AsyncSession, Actor, UUID], Awaitable[None]]
