"""Writers who go on writing whatever falls, as careful clients do, and remember what was
acknowledged."""

import threading
import time
from collections.abc import Sequence

import httpx2

PORTAL = "crm-service"
_PATIENCE = 60.0


class Writer(threading.Thread):
    """A customer who opens and answers tickets, and remembers what he was told is done."""

    def __init__(self, base: str, token: str, number: int) -> None:
        super().__init__(daemon=True)
        self.client = httpx2.Client(base_url=base, headers={"Authorization": token}, timeout=10)
        self.number = number
        self.stopped = threading.Event()
        self.opened: dict[str, str] = {}
        self.said: dict[str, list[str]] = {}

    def run(self) -> None:
        with self.client:
            self._write()

    def _write(self) -> None:
        turn = 0
        while not self.stopped.is_set() and turn < 500:
            turn += 1
            subject = f"Load {self.number}-{turn}"
            ticket = self._acknowledged(
                "/v1/tickets",
                {"type": "support", "subject": subject, "description": "Under load."},
                f"open-{self.number}-{turn}",
            )
            if ticket is None:
                continue
            self.opened[ticket] = subject
            comment = self._acknowledged(
                f"/v1/tickets/{ticket}/comments",
                {"body": f"More about {subject}"},
                f"say-{self.number}-{turn}",
            )
            if comment is not None:
                self.said.setdefault(ticket, []).append(comment)

    def _acknowledged(self, path: str, body: dict[str, str], key: str) -> str | None:
        """Send until it is acknowledged, as a careful client does: the same key each time."""
        for _ in range(200):
            if self.stopped.is_set():
                return None
            try:
                answer = self.client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx2.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == 201:
                return str(answer.json()["id"])
            assert answer.status_code in {409, 429, 503}, answer.text
            time.sleep(0.05)
        return None


def wait_for_load(writers: Sequence[Writer], tickets: int) -> None:
    """Wait until so many tickets have been acknowledged, on however slow a machine."""
    limit = time.monotonic() + _PATIENCE
    while sum(len(writer.opened) for writer in writers) < tickets:
        assert time.monotonic() < limit, "there was no load to speak of"
        time.sleep(0.05)


def end(writers: Sequence[Writer]) -> None:
    """Let them finish what they are about."""
    for writer in writers:
        writer.stopped.set()
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()
