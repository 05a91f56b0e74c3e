"""PostgreSQL is killed under load: what was acknowledged is there, and it is back by itself."""

import json
import os
import random
import signal
import time
from contextlib import closing

import httpx2
import psutil
import pytest

from tests.commands.conftest import Installation, folder_for_every_user, stop
from tests.faults.writers import PORTAL, Writer, end, wait_for_load

_BACK_WITHIN = 10.0
_WRITERS = 3
_LEAST = 10  # tickets


def postmaster_of(installation: Installation) -> psutil.Process:
    """The server that runs on the installation's data directory."""
    data = installation.data_dir / "postgres" / "data"
    return psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))


def signed_in(installation: Installation) -> httpx2.Client:
    people = json.loads((installation.data_dir / "demo.json").read_text())["portals"][PORTAL]
    who = next(p for p in people["people"] if p["email"] == "company-admin@acme.example")
    client = httpx2.Client(base_url=installation.base, timeout=20)
    said = {"email": who["email"], "password": who["password"], "delivery": "tokens"}
    answer = client.post(f"/v1/portals/{PORTAL}/sessions", json=said)
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def seconds_until_written(installation: Installation, client: httpx2.Client) -> float:
    """How long after now a ticket is taken again, of somebody who goes on asking."""
    begun = time.monotonic()
    new = {"type": "support", "subject": "Is it back?", "description": "Let us see."}
    while time.monotonic() - begun < 60:
        try:
            if client.post("/v1/tickets", json=new).status_code == 201:
                break
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_was_acknowledged_survives_the_death_of_postgresql(scale: int) -> None:
    chance, back = random.Random(3), []
    with folder_for_every_user() as folder:
        # Nobody reads what it says, so it must not say much.
        quiet = {"SKRANKE_REQUESTS_PER_MINUTE": "1000000", "SKRANKE_LOG_LEVEL": "ERROR"}
        installation = Installation(folder / "var", settings=quiet)
        with (
            installation.running("run", "--no-history") as process,
            closing(signed_in(installation)) as client,
        ):
            token = client.headers["Authorization"]
            writers = [Writer(installation.base, token, number) for number in range(_WRITERS)]
            for writer in writers:
                writer.start()
            for _ in range(3 if scale > 1 else 1):
                time.sleep(chance.uniform(1, 3))
                os.kill(postmaster_of(installation).pid, signal.SIGKILL)
                back.append(seconds_until_written(installation, client))
            wait_for_load(writers, _LEAST)
            end(writers)
            opened = {ticket: subject for w in writers for ticket, subject in w.opened.items()}
            found = {
                ticket: client.get(f"/v1/tickets/{ticket}").json()["subject"] for ticket in opened
            }
            stop(process)
    assert found == opened
    if scale > 1:  # how fast a program starts is the machine's affair, too
        assert max(back) < _BACK_WITHIN
    print(  # noqa: T201
        f"PostgreSQL killed {len(back)} times: {len(opened)} acknowledged, none lost;"
        f" back after {', '.join(f'{each:.1f}' for each in back)} s"
    )
