"""API and worker are killed in the middle of a journey's load; what was acknowledged is there."""

import random
import threading
import time

import httpx2
import pytest

from tests.served import Served

PORTAL = "crm-service"
_KILLS = 3
_BACK_WITHIN = 10.0
_WRITERS = 4


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


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_was_acknowledged_survives_the_death_of_api_and_worker(
    served: Served, scale: int
) -> None:
    chance, back = random.Random(5), []
    admin = served.person(PORTAL, "company-admin@acme.example")
    token = admin.headers["Authorization"]
    writers = [Writer(served.base, token, number) for number in range(_WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(10 if scale > 1 else _KILLS):
        time.sleep(chance.uniform(0.5, 2.5))
        back.append(kill_both(served))
    time.sleep(1)
    end(writers)

    opened = {ticket: subject for writer in writers for ticket, subject in writer.opened.items()}
    assert len(opened) > 20, "there was no load to speak of"
    numbers = set()
    for ticket, subject in opened.items():
        found = admin.get(f"/v1/tickets/{ticket}").json()
        assert found["subject"] == subject
        numbers.add(found["number"])
    assert len(numbers) == len(opened)
    for writer in writers:
        for ticket, comments in writer.said.items():
            thread = admin.get(f"/v1/tickets/{ticket}/comments").json()["items"]
            assert set(comments) <= {comment["id"] for comment in thread}
    subjects = _subjects(admin)
    assert all(subjects.count(subject) == 1 for subject in opened.values()), "made twice"

    # The desk is told of every ticket, also of those whose job a dead worker had in hand.
    told = served.until(lambda: _told(served, opened), patience=120)
    assert told
    print(  # noqa: T201
        f"API and worker killed {len(back)} times: {len(opened)} tickets and"
        f" {sum(len(said) for writer in writers for said in writer.said.values())} comments"
        f" acknowledged, none lost; ready again after {min(back):.1f} to {max(back):.1f} s"
    )
    if scale > 1:  # how fast a program starts is the machine's affair, too
        assert max(back) < _BACK_WITHIN


def end(writers: list[Writer]) -> None:
    """Let them finish what they are about."""
    for writer in writers:
        writer.stopped.set()
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()


def kill_both(served: Served) -> float:
    """Kill API and worker and start them anew; answers after how long the API was ready again."""
    killed_at = time.monotonic()
    served.kill("serve")
    served.kill("work")
    served.start("serve")
    served.start("work")
    served.wait_until_ready()
    return time.monotonic() - killed_at


def _subjects(admin: httpx2.Client) -> list[str]:
    subjects, cursor = [], None
    while True:
        page = admin.get("/v1/tickets?limit=100" + (f"&cursor={cursor}" if cursor else "")).json()
        subjects += [item["subject"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return subjects


def _told(served: Served, opened: dict[str, str]) -> bool:
    mailed = {str(mail["Subject"]) for mail in served.mails_to("agent@crm.example")}
    return all(any(subject in line for line in mailed) for subject in opened.values())
