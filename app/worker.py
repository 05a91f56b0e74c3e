"""The job worker's door: mails, timers, everything that may follow a moment later."""

from app.database.session import Database
from app.gateways.mail import mailer_for
from app.gateways.scanner import open_scanner
from app.gateways.storage import open_storage
from app.jobs.workbench import Workbench
from app.jobs.worker import work
from app.kernel import clock
from app.kernel.secrets import Signer, kept_key
from app.kernel.settings import Settings
from app.reactions import duties, reactions


async def run(settings: Settings) -> None:
    """Work until cancelled. `settings` names the worker role's database."""
    if settings.worker_database_url is None:
        raise RuntimeError("the worker needs SKRANKE_WORKER_DATABASE_URL")
    if settings.clock_file:
        clock.read_from(settings.clock_file)
    database = Database(
        settings.worker_database_url, pool_size=6, name="worker", info={"reactions": reactions()}
    )
    bench = Workbench(
        settings=settings,
        database=database,
        mailer=mailer_for(settings),
        storage=open_storage(settings.storage_address),
        scanner=open_scanner(settings.scanner_url) if settings.scanner_url else None,
        signer=Signer(settings.secret_key or kept_key(settings.key_file)),
    )
    try:
        await work(bench, duties())
    finally:
        await database.close()
