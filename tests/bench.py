"""The worker's workbench at a desk under test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database.session import Database
from app.gateways.mail import Maildir
from app.gateways.storage import open_storage
from app.jobs.workbench import Workbench
from app.journal import Reactions
from app.kernel.secrets import Signer
from app.reactions import reactions
from tests.desk import Desk


@asynccontextmanager
async def bench_of(desk: Desk, told: Reactions | None = None) -> AsyncIterator[Workbench]:
    """What jobs of the desk work with; `told` are other reactions than the program's."""
    assert desk.settings.worker_database_url
    assert desk.settings.secret_key
    database = Database(
        desk.settings.worker_database_url,
        pool_size=4,
        name="worker",
        info={"reactions": told or reactions()},
    )
    try:
        yield Workbench(
            settings=desk.settings,
            database=database,
            mailer=Maildir(desk.settings.data_dir / "mail"),
            storage=open_storage(desk.settings.storage_address),
            scanner=None,
            signer=Signer(desk.settings.secret_key),
        )
    finally:
        await database.close()
