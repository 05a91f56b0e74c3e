"""The image as it is run: by itself, and as the services of `compose.yaml`, from outside."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from tests.containers import neighbours
from tests.containers.dockerfile import services
from tests.containers.image import Image

_BASE = "http://127.0.0.1:8000"
_PORTAL, _CUSTOMER = "crm-service", "member@acme.example"
#: As `.env` would name them; any secret will do.
VARIABLES = {
    **{
        f"SKRANKE_{name}_PASSWORD": f"only{name.lower()}" * 4
        for name in ("SUPERUSER", "OWNER", "APP", "WORKER", "STORAGE")
    },
    "SKRANKE_SECRET_KEY": "only-for-the-rehearsal-" * 2,
}
T = TypeVar("T")


def by_itself(image: Image) -> None:
    """The image with its own command, as its own user: serves, is healthy, takes a ticket, ends."""
    with started(image, image.command) as api:
        _wait_until_ready(api)
        _check_health(image)
        _refuse_root(image)
        _open_ticket(_people(image))
        _end(api)
    _empty(image)


def beside_others(image: Image, compose: Path) -> None:
    """Each service of ours with its own command and variables, in the order they wait for."""
    named = services(compose.read_text(), VARIABLES)
    with (
        neighbours.postgresql(image, named["database"], Path("/mnt")),
        neighbours.storage(named["bucket"]),
        neighbours.Letterbox() as letterbox,
    ):
        for name in ("prepare", "migrate"):
            _to_its_end(image, named[name], named[name]["command"])
        words = ["portal", "apply", f"app/portals/{_PORTAL}.yaml", "--demo"]
        _to_its_end(image, named["operator"], words)
        with (
            started(image, named["worker"]["command"], named["worker"]) as worker,
            started(image, named["api"]["command"], named["api"]) as api,
        ):
            _wait_until_ready(api)
            _check_health(image)
            _open_ticket(_people(image), with_file=True)
            mail = _until(lambda: letterbox.mails)[0]
            print(f"   a mail of the worker: {mail['Subject']!s:.60}")
            _end(api)
            _end(worker)


@contextmanager
def started(
    image: Image, command: list[str], service: dict[str, Any] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A container that runs, killed at the end if it still does."""
    variables = service["environment"] if service else {}
    process = subprocess.Popen(
        image.inside([*image.entrypoint, *command], user=image.user, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    except BaseException:
        process.kill()
        print(process.communicate()[0][-4000:])
        raise
    finally:
        process.kill()
        process.wait()


def _to_its_end(image: Image, service: dict[str, Any], command: list[str]) -> None:
    with started(image, command, service) as process:
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
    print(f"   skranke {' '.join(command)}")


def _wait_until_ready(api: subprocess.Popen[str]) -> None:
    begun = time.monotonic()

    def ready() -> bool:
        assert api.poll() is None, f"it ended with {api.returncode}"
        try:
            return httpx2.get(f"{_BASE}/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    _until(ready)
    print(f"   /readyz says ok after {time.monotonic() - begun:.1f} s")


def _check_health(image: Image) -> None:
    subprocess.run(image.inside(image.healthcheck, user=image.user), check=True, timeout=10)
    print("   the health check is content")


def _refuse_root(image: Image) -> None:
    asked = subprocess.run(
        image.inside(["sh", "-c", "id -u; touch /srv/skranke/x || touch /etc/x"], user=image.user),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.stdout.strip() not in {"", "0"}
    assert asked.returncode != 0, "it may write where it only ought to read"
    print(f"   it runs as user {asked.stdout.strip()} and can write nothing but its volume")


def _people(image: Image) -> dict[str, str]:
    file = image.root / image.volumes[0].lstrip("/") / "demo.json"
    people = json.loads(file.read_text())["portals"][_PORTAL]["people"]
    return {person["email"]: person["password"] for person in people}


def _open_ticket(people: dict[str, str], *, with_file: bool = False) -> None:
    with httpx2.Client(base_url=_BASE, timeout=30) as client:
        said = {"email": _CUSTOMER, "password": people[_CUSTOMER], "delivery": "tokens"}
        session = client.post(f"/v1/portals/{_PORTAL}/sessions", json=said)
        assert session.status_code == 201, session.text
        client.headers["Authorization"] = f"Bearer {session.json()['access_token']}"
        ticket = {
            "type": "bug",
            "subject": "Totals are wrong",
            "description": "Since June.",
            "severity": "sev3",
        }
        opened = client.post("/v1/tickets", json=ticket, headers={"Idempotency-Key": "first"})
        assert opened.status_code == 201, opened.text
        number = opened.json()["number"]
        print(f"   {_CUSTOMER} opened {number}")
        if with_file:
            _attach(client, number)


def _attach(client: httpx2.Client, number: str) -> None:
    content = b"1 + 1 = 3\n"
    sent = client.post("/v1/attachments", files={"file": ("totals.txt", content, "text/plain")})
    assert sent.status_code == 201, sent.text
    file = sent.json()["id"]
    hung = client.post(f"/v1/tickets/{number}/attachments", json={"attachment_ids": [file]})
    assert hung.status_code == 201, hung.text
    come_back = client.get(f"/v1/attachments/{file}/content", follow_redirects=True)
    assert come_back.content == content, come_back.text
    print("   a file came back from the storage as it was sent")


def _end(process: subprocess.Popen[str]) -> None:
    begun = time.monotonic()
    process.terminate()
    said, _ = process.communicate(timeout=30)  # compose.yaml: stop_grace_period
    assert process.returncode == 0, said[-4000:]
    assert "Traceback" not in said, said[-4000:]
    print(f"   it ended {time.monotonic() - begun:.1f} s after SIGTERM, with code 0")


def _empty(image: Image) -> None:
    volume = image.root / image.volumes[0].lstrip("/")
    subprocess.run(["find", volume, "-mindepth", "1", "-delete"], check=True)


def _until(look: Callable[[], T]) -> T:
    end = time.monotonic() + 300  # a first start writes a past, and machines are busy
    while not (found := look()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)
    return found
