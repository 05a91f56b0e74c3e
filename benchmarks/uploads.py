"""How much memory the API needs while a large file comes in and goes out again.

One API process as in earnest, its peak resident memory as Linux counts it (`VmHWM`), before and
after. What goes beyond the bound is told, and the program ends with an error.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from tests import cluster
from tests.cluster import Cluster
from tests.served import Served, free_port

_MIB = 1024 * 1024
_PIECE = b"All of this is text, and none of it is kept in memory.\n" * 4096
#: More than this beside what the process needs anyway means that a file is gathered somewhere.
BOUND_MIB = 64


def pieces(length: int) -> Iterator[bytes]:
    """So many bytes of text, a piece at a time."""
    while length > 0:
        yield _PIECE[:length]
        length -= len(_PIECE)


def peak(process: int) -> float:
    """The most memory a process has had resident since its peak was forgotten, in MiB."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("this kernel does not say")


def forget_peak(process: int) -> None:
    """Let the peak begin anew from what is resident now (proc(5), clear_refs)."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def uploaded(client: httpx2.Client, length: int) -> str:
    """The id of a new file of so many bytes."""
    headers = {
        "Content-Disposition": 'attachment; filename="large.txt"',
        "Content-Type": "application/octet-stream",
        "Content-Length": str(length),
    }
    answer = client.post("/v1/attachments", content=pieces(length), headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == length
    return str(answer.json()["id"])


def fetched(client: httpx2.Client, file: str) -> int:
    """How many bytes come back of a file."""
    with client.stream("GET", f"/v1/attachments/{file}/content", follow_redirects=True) as answer:
        assert answer.status_code == 200
        return sum(len(piece) for piece in answer.iter_raw())


def measure(served: Served, length: int) -> float:
    """Send a file of so many bytes, fetch it, print what that took; answers the extra MiB."""
    member = served.person("crm-service", "member@acme.example")
    client = httpx2.Client(
        base_url=served.base,
        headers={"Authorization": member.headers["Authorization"]},
        timeout=httpx2.Timeout(600),
    )
    with client:
        # What is loaded with the first file is not the file's.
        assert fetched(client, uploaded(client, _MIB)) == _MIB
        process = served.process("serve")
        forget_peak(process)
        before = peak(process)
        print("| what | MiB | seconds | resident before, MiB | peak, MiB | extra, MiB |")
        print("|---|---|---|---|---|---|")
        extra = 0.0
        file = ""
        for what in ("in", "out"):
            begun = time.monotonic()
            if what == "in":
                file = uploaded(client, length)
            else:
                assert fetched(client, file) == length
            seconds, reached = time.monotonic() - begun, peak(process)
            extra = max(extra, reached - before)
            print(
                f"| {what} | {length // _MIB} | {seconds:.0f} | {before:.0f} | {reached:.0f}"
                f" | {reached - before:.0f} |"
            )
    return extra


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024, help="How large the file is.")
    length = parser.parse_args().mib * _MIB
    server = Cluster()
    addresses = server.start()
    try:
        name = cluster.copy_of_template(addresses)
        with tempfile.TemporaryDirectory(prefix="skranke-uploads-") as folder:
            settings = cluster.settings_for(addresses, name, Path(folder), port=free_port())
            with Served(settings, cluster.demo_people(addresses)).running() as served:
                extra = measure(served, length)
    finally:
        server.stop()
    if extra > BOUND_MIB:
        raise SystemExit(f"{extra:.0f} MiB beside what it needs anyway; {BOUND_MIB} are allowed.")


if __name__ == "__main__":
    main()
