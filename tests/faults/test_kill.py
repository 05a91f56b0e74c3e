"""API and worker are killed in the middle of a journey's load; what was acknowledged is there."""

import random
import time

import httpx2
import pytest

from tests.faults.writers import PORTAL, Writer, end, wait_for_load
from tests.measure import IN_FULL
from tests.served import Served

_KILLS = 3 if IN_FULL else 1
_BACK_WITHIN = 10.0
_WRITERS = 4
_LEAST = 20  # tickets


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
    wait_for_load(writers, _LEAST)
    end(writers)

    opened = {ticket: subject for writer in writers for ticket, subject in writer.opened.items()}
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
