"""The API served over a real socket, with the demo people's ways in; for programs of other hands."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import uvicorn

from app.kernel.settings import Settings
from app.main import create_app

PORTAL = "crm-service"


@dataclass
class Served:
    """Where it listens, and who may sign in (as in `demo.json`)."""

    base: str
    people: list[dict[str, str]]
    _tokens: dict[str, str] = field(default_factory=dict)

    def person(self, email: str) -> dict[str, str]:
        """A demo person: name, email, password, side, role, organization."""
        return next(person for person in self.people if person["email"] == email)

    def token(self, email: str) -> str:
        """An access token of a demo person."""
        if email not in self._tokens:
            password = self.person(email)["password"]
            answer = httpx2.post(
                f"{self.base}/v1/portals/{PORTAL}/sessions",
                json={"email": email, "password": password, "delivery": "tokens"},
                timeout=30,
            )
            assert answer.status_code == 201, answer.text
            self._tokens[email] = answer.json()["access_token"]
        return self._tokens[email]


@contextmanager
def serving(settings: Settings, people: list[dict[str, str]]) -> Iterator[Served]:
    """Serve in a thread of this process, on a free port, until the block ends."""
    config = uvicorn.Config(create_app(settings), port=0, log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{_port(server, thread)}", people)
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def _port(server: uvicorn.Server, thread: threading.Thread) -> int:
    until = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the API ended before it listened"
        assert time.monotonic() < until, "the API did not listen within 30 seconds"
        time.sleep(0.02)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port
