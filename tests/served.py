"""A served installation: API and worker as processes of their own, as they run in earnest.

People come over HTTP; every exchange is held against the document that the installation serves.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import httpx2

from app.kernel.settings import Settings
from tests.contract.document import Document
from tests.contract.exchanges import Contract
from tests.mailbox import Mailbox, text_of

_PATIENCE = 40.0
T = TypeVar("T")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Served:
    """An installation that is served: its processes, its people, its clock, its mails."""

    def __init__(self, settings: Settings, people: dict[str, list[dict[str, str]]]) -> None:
        self.settings = settings
        self.people = people
        self.base = f"http://127.0.0.1:{settings.port}"
        self.clock = settings.data_dir / "clock"
        #: More variables for its processes.
        self.more: dict[str, str] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._clients: list[httpx2.Client] = []
        self._contract: Contract | None = None
        self._mailbox = Mailbox(settings.data_dir / "mail")

    @contextlib.contextmanager
    def running(self, *names: str) -> Iterator["Served"]:
        """The block runs beside API and worker, or beside the processes that are named."""
        try:
            for name in names or ("serve", "work"):
                self.start(name)
            self.wait_until_ready()
            yield self
        finally:
            for client in self._clients:
                client.close()
            for name in list(self._processes):
                self.stop(name)

    def start(self, name: str) -> None:
        """Start a process: `serve` or `work`."""
        log = (self.settings.data_dir / f"{name}.log").open("ab")
        with log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "app.cli", name],
                env=self._environment_of(name),
                cwd=Path(__file__).parent.parent,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What the operator's command says here; both its outputs as one text."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=self.environment(),
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )

    def _environment_of(self, name: str) -> dict[str, str]:
        """A process is told the address of the role it signs in as, and no other."""
        other = {"serve": "SKRANKE_WORKER_DATABASE_URL", "work": "SKRANKE_DATABASE_URL"}[name]
        kept_back = {"SKRANKE_MIGRATION_DATABASE_URL", other}
        told = self.environment()
        return {variable: said for variable, said in told.items() if variable not in kept_back}

    def environment(self) -> dict[str, str]:
        """The variables that its processes, and whoever works beside them, are started with."""
        held = self.settings
        secrets = {
            "SKRANKE_DATABASE_URL": held.database_url,
            "SKRANKE_MIGRATION_DATABASE_URL": held.migration_database_url,
            "SKRANKE_WORKER_DATABASE_URL": held.worker_database_url,
            "SKRANKE_SECRET_KEY": held.secret_key,
        }
        return {
            **os.environ,
            "SKRANKE_PORT": str(held.port),
            "SKRANKE_DATA_DIR": str(held.data_dir),
            "SKRANKE_CLOCK_FILE": str(self.clock),
            "SKRANKE_SIGN_INS_PER_MINUTE": str(held.sign_ins_per_minute),
            "SKRANKE_REQUESTS_PER_MINUTE": str(held.requests_per_minute),
            "SKRANKE_DATABASE_PREPARED_STATEMENTS": str(held.database_prepared_statements),
            "SKRANKE_STOP_GRACE_SECONDS": str(held.stop_grace_seconds),
            "SKRANKE_LOG_LEVEL": "WARNING",
            "SKRANKE_LOOPBACK_PROVIDERS": str(held.loopback_providers),
            "SKRANKE_SECRETS_DIR": str(held.secrets_dir or ""),
            **{name: value.get_secret_value() for name, value in secrets.items() if value},
            **self.more,
        }

    def stop(self, name: str) -> None:
        """Stop a process as an operator would; it finishes what it holds."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def process(self, name: str) -> int:
        """The id of a running process."""
        return self._processes[name].pid

    def wait_until_ready(self) -> None:
        """Wait for the API to say that it can serve."""

        def ready() -> bool:
            gone = [name for name, process in self._processes.items() if process.poll() is not None]
            assert not gone, f"{gone[0]} ended: {self.log_of(gone[0])}"
            with contextlib.suppress(httpx2.TransportError):
                return httpx2.get(f"{self.base}/readyz").status_code == 200
            return False

        self.until(ready)

    def log_of(self, name: str) -> str:
        """What a process has said."""
        return (self.settings.data_dir / f"{name}.log").read_text()

    def until(self, look: Callable[[], T], patience: float = _PATIENCE) -> T:
        """Look again until there is something to see; answers it."""
        end = time.monotonic() + patience
        while True:
            found = look()
            if found:
                return found
            assert time.monotonic() < end, "it did not come to pass"
            time.sleep(0.05)

    def set_clock(self, moment: datetime) -> None:
        """Let API and worker believe that it is `moment`."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(moment.isoformat())
        fresh.replace(self.clock)

    def anybody(self, **headers: str) -> httpx2.Client:
        """A client that has not signed in."""
        if self._contract is None:
            self._contract = Contract(
                Document(httpx2.get(f"{self.base}/openapi.json", timeout=30).json())
            )
        client = httpx2.Client(
            base_url=self.base,
            headers={"Accept-Language": "en", **headers},
            event_hooks={"response": [self._contract.hook]},
            timeout=30,
        )
        self._clients.append(client)
        return client

    def password_of(self, address: str, portal: str) -> str:
        """The password of a demo person."""
        return next(who["password"] for who in self.people[portal] if who["email"] == address)

    def person(self, portal: str, address: str, **headers: str) -> httpx2.Client:
        """A demo person, signed in."""
        return self.signed_in(portal, address, self.password_of(address, portal), **headers)

    def signed_in(self, portal: str, address: str, password: str, **headers: str) -> httpx2.Client:
        """Somebody who signs in with address and password."""
        client = self.anybody(**headers)
        said = {"email": address, "password": password, "delivery": "tokens"}
        answer = client.post(f"/v1/portals/{portal}/sessions", json=said)
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What somebody has been mailed, oldest first."""
        return self._mailbox.mails(address)

    def mail_to(self, address: str, containing: str) -> str:
        """Wait for a mail to somebody with a text in it; answers its whole text."""

        def look() -> str:
            return next(
                (
                    text
                    for mail in self.mails_to(address)
                    if containing in (text := text_of(mail)) or containing in str(mail["Subject"])
                ),
                "",
            )

        return self.until(look)
