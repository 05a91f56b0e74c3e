"""Build the image and run it where there is no container engine.

    sudo .venv/bin/python -m tests.containers.rehearsal [--folder /var/tmp]

As root on Debian, with `debootstrap`, `curl` and a way out to the package servers. Takes some five
minutes and 1.5 GB. Mounts, processes and the network it runs in are its own (namespaces), and end
with it; the folder is removed. What it does stands in README.md beside this file.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.containers.dockerfile import ROOT
from tests.containers.image import Image, build, run
from tests.containers.running import beside_others, by_itself

_NEEDED = ("debootstrap", "unshare", "chroot", "mount", "ip", "curl", "du")
_MODULE = "tests.containers.rehearsal"


def main() -> int:
    """Do all of it; the exit code is 0 where everything went well."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, default=Path("/var/tmp"))  # noqa: S108
    arguments.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.build:
        return _build(given.build)
    if given.run:
        return _run(given.run)
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if os.geteuid() or missing:
        print("It must be run as root, and needs", ", ".join(missing or _NEEDED))
        return 2
    place = Path(tempfile.mkdtemp(prefix="skranke-image-", dir=given.folder))
    try:
        return _apart("--mount", words=("--build", str(place)))
    finally:
        # Seen from here nothing is mounted in it.
        shutil.rmtree(place, ignore_errors=True)


def _apart(*kinds: str, words: tuple[str, str]) -> int:
    """Go on in namespaces of one's own: what is begun in them ends with them."""
    apart = ["unshare", *kinds, "--pid", "--fork", "--kill-child"]
    return subprocess.run(
        [*apart, sys.executable, "-m", _MODULE, *words], cwd=ROOT, check=False
    ).returncode


def _build(place: Path) -> int:
    place.chmod(0o755)
    (root := place / "root").mkdir()
    begun = time.monotonic()
    print("== Building", flush=True)
    image = build(root)
    print(f"   built in {time.monotonic() - begun:.0f} s, {image.bytes() / 1e6:.0f} MB with Debian")
    return _apart("--mount", "--net", words=("--run", str(place)))


def _run(place: Path) -> int:
    image = Image.load(place / "root")
    _enclose(image, place)
    print("== By itself: the image's own command", flush=True)
    by_itself(image)
    print("== Beside others: the services of compose.yaml", flush=True)
    beside_others(image, ROOT / "compose.yaml")
    print("== All is well")
    return 0


def _enclose(image: Image, place: Path) -> None:
    """A network of loopback alone, a root that may only be read, and volumes that may be written.

    A new volume begins as the folder of the image does: with its owner and mode."""
    run(["ip", "link", "set", "lo", "up"])
    (image.root / "etc/hosts").write_text("127.0.0.1 localhost database storage mail\n")
    root = str(image.root)
    run(["mount", "--bind", root, root])
    run(["mount", "-t", "proc", "proc", f"{root}/proc"])
    run(["mount", "-t", "tmpfs", "tmpfs", f"{root}/dev", "-o", "mode=755"])
    for name in ("null", "zero", "random", "urandom"):
        (image.root / "dev" / name).touch()
        run(["mount", "--bind", f"/dev/{name}", f"{root}/dev/{name}"])
    (image.root / "dev/shm").mkdir()
    for name in ("dev/shm", "tmp", "mnt"):
        run(["mount", "-t", "tmpfs", "tmpfs", f"{root}/{name}", "-o", "mode=1777"])
    for number, volume in enumerate(image.volumes):
        mounted = image.root / volume.lstrip("/")
        fresh = place / f"volume-{number}"
        fresh.mkdir(mode=mounted.stat().st_mode & 0o7777)
        os.chown(fresh, mounted.stat().st_uid, mounted.stat().st_gid)
        run(["mount", "--bind", str(fresh), str(mounted)])
    run(["mount", "-o", "remount,bind,ro", root])


if __name__ == "__main__":
    sys.exit(main())
