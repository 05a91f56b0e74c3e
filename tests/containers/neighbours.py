"""What stands in for the images of others that `compose.yaml` names: PostgreSQL, S3, a mail server.

They listen on the ports their containers would, in a network that has nothing but this machine's
loopback; inside the image their names lead there.
"""

import contextlib
import email
import email.policy
import logging
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from moto.server import ThreadedMotoServer

from tests.containers.image import Image, run

Service = dict[str, Any]


@contextlib.contextmanager
def postgresql(image: Image, service: Service, place: Path) -> Iterator[None]:
    """The server that the wheel in the image brings, made as the service's variables say.

    `place` is a folder for its data as it is seen inside, where the image's user may write."""
    said = service["environment"]
    asked = "from app.database.embedded import bundled_programs; print(bundled_programs())"
    programs = subprocess.run(
        image.inside(["python", "-c", asked], user=image.user),
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (image.root / str(place).lstrip("/") / "password").write_text(said["POSTGRES_PASSWORD"])
    data = f"{place}/data"
    run(
        image.inside(
            [
                *(f"{programs}/initdb", f"--pgdata={data}", "--username=postgres"),
                *(f"--pwfile={place}/password", "--auth=scram-sha-256"),
                *said["POSTGRES_INITDB_ARGS"].split(),
            ],
            user=image.user,
        )
    )
    settings = ("-h", "127.0.0.1", "-k", "/tmp")  # noqa: S108 (a folder of the image's own)
    with (image.root / str(place).lstrip("/") / "log").open("wb") as log:
        server = subprocess.Popen(
            image.inside([f"{programs}/postgres", "-D", data, *settings], user=image.user),
            stdout=log,
            stderr=log,
        )
    try:
        ready = image.inside([f"{programs}/pg_isready", "-h", "127.0.0.1"], user=image.user)
        for _ in range(300):
            if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(30)


@contextlib.contextmanager
def storage(bucket: Service) -> Iterator[None]:
    """S3 on port 7070, with the bucket that the service `bucket` makes by its own command."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=7070, verbose=False)
    server.start()
    try:
        run(["curl", "--fail", "--resolve", "storage:7070:127.0.0.1", *bucket["command"]])
        yield
    finally:
        server.stop()


class Letterbox:
    """A mail server on port 1025 that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._server = Controller(self, hostname="127.0.0.1", port=1025)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail (the name is the library's)."""
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.stop()
