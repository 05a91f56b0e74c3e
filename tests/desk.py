"""A desk to test at: the API in this process, its worker on demand, mails in a folder.

Every exchange is held against the document. `await desk.member` and its like are clients signed in
as demo people of the portal `crm-service`; `desk.client(email, portal)` is anybody.
"""

import json
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import httpx2
import procrastinate
from fastapi import FastAPI

from app.commands.applying import apply_file
from app.database.session import Database
from app.gateways.mail import Maildir
from app.gateways.scanner import Scanner
from app.gateways.storage import open_storage
from app.jobs import timers
from app.jobs.queue import open_queue
from app.jobs.workbench import Workbench
from app.jobs.worker import teach
from app.kernel import clock
from app.kernel.secrets import Signer
from app.kernel.settings import Settings
from app.reactions import duties, reactions
from app.web import openapi
from tests.contract.document import Document
from tests.contract.exchanges import Contract
from tests.mailbox import Mailbox

#: Somewhat less than `ACCESS_TOKEN`.
_A_TOKEN_LASTS = 8 * 60


class Desk:
    """The application under test and the people at it."""

    def __init__(
        self, app: FastAPI, settings: Settings, people: dict[str, list[dict[str, str]]]
    ) -> None:
        self.app = app
        self.settings = settings
        self.people = people
        self._clients: dict[tuple[str, str], httpx2.AsyncClient] = {}
        self._signed_in_at: dict[httpx2.AsyncClient, float] = {}
        self._mailbox = Mailbox(settings.data_dir / "mail")
        self.contract = Contract(Document(json.loads(openapi.text_of(openapi.build(app)))))

    def anybody(self, *, address: str = "127.0.0.1", **headers: str) -> httpx2.AsyncClient:
        """A client that has not signed in and calls from `address`."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(
                app=self.app, raise_app_exceptions=False, client=(address, 50_000)
            ),
            base_url="http://testserver",
            headers={"Accept-Language": "en", **headers},
            event_hooks={"response": [self.contract.async_hook]},
            timeout=60,
        )

    def password_of(self, address: str, portal: str = "crm-service") -> str:
        """The password of a demo person."""
        return next(who["password"] for who in self.people[portal] if who["email"] == address)

    async def client(self, address: str, portal: str = "crm-service") -> httpx2.AsyncClient:
        """A client signed in as a demo person; kept for the whole run, which may last longer than
        a token: it signs in anew in time."""
        held = self._clients.get((address, portal))
        if held is None:
            held = self.anybody()
            stay = partial(self._stay_signed_in, held, address, portal)
            held.event_hooks = held.event_hooks | {"request": [stay]}
            self._clients[address, portal] = held
        await self._stay_signed_in(held, address, portal)
        return held

    def forget(self, address: str, portal: str = "crm-service") -> None:
        """Somebody's kept client has been signed out: it signs in anew before it is used."""
        held = self._clients.get((address, portal))
        if held is not None:
            self._signed_in_at.pop(held, None)

    async def _stay_signed_in(
        self,
        client: httpx2.AsyncClient,
        address: str,
        portal: str,
        request: httpx2.Request | None = None,
    ) -> None:
        now = clock.now().timestamp()  # which tests move, there and back
        if abs(now - self._signed_in_at.get(client, -_A_TOKEN_LASTS)) < _A_TOKEN_LASTS:
            return
        self._signed_in_at[client] = now
        again = await self.sign_in(address, self.password_of(address, portal), portal)
        token = again.headers["Authorization"]
        await again.aclose()
        for headers in (client.headers, request.headers if request else client.headers):
            headers["Authorization"] = token

    async def sign_in(
        self, address: str, password: str, portal: str = "crm-service"
    ) -> httpx2.AsyncClient:
        """A client newly signed in."""
        client = self.anybody()
        answer = await client.post(
            f"/v1/portals/{portal}/sessions", json={"email": address, "password": password}
        )
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    async def work(self, *, scanner: Scanner | None = None) -> None:
        """Let the worker do everything that waits, timers that are due too."""
        assert self.settings.worker_database_url
        database = Database(
            self.settings.worker_database_url,
            pool_size=4,
            name="worker",
            info={"reactions": reactions()},
        )
        bench = Workbench(
            settings=self.settings,
            database=database,
            mailer=Maildir(self.settings.data_dir / "mail"),
            storage=open_storage(self.settings.storage_address),
            scanner=scanner,
            signer=Signer(self.settings.secret_key),  # type: ignore[arg-type]
        )
        queue = open_queue(self.settings.worker_database_url)
        teach(queue, bench, duties())
        try:
            while await timers.ring_due(bench, duties().timers):
                pass
            async with queue.open_async():
                # What one job puts into the queue may come too late for the same turn.
                while await _waiting(queue):
                    await queue.run_worker_async(
                        wait=False,
                        concurrency=4,
                        install_signal_handlers=False,
                        listen_notify=False,
                    )
        finally:
            await database.close()

    async def apply(self, file: Path) -> None:
        """Put a portal definition in force, as the operator's command does."""
        assert self.settings.worker_database_url
        database = Database(
            self.settings.worker_database_url,
            pool_size=4,
            name="tests",
            info={"reactions": reactions()},
        )
        try:
            await apply_file(database, file)
        finally:
            await database.close()

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """What has been mailed, oldest first; perhaps only to one address."""
        return self._mailbox.mails(to)

    def forget_mails(self) -> None:
        """Empty the folder of mails."""
        self._mailbox.empty()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


async def _waiting(queue: procrastinate.App) -> bool:
    """Whether a job waits that has not failed yet (one that has is tried again later)."""
    jobs = await queue.job_manager.list_jobs_async(status="todo")
    return any(job.scheduled_at is None for job in jobs)
