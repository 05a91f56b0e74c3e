"""An image without a container engine: what the Dockerfile says, done in a bare Debian.

The base image `python:3.11-slim-bookworm` is stood in for by Debian bookworm with its Python 3.11,
laid out the same way: `python` and `pip` in `/usr/local/bin`. Everything after `FROM` is read from
the Dockerfile itself; an instruction that is not known here is an error, not left out.
"""

import json
import os
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.containers.dockerfile import ROOT, Instruction, instructions

_RECORD = ".image.json"
_BASE = re.compile(r"python:(?P<python>\d+\.\d+)-slim-(?P<debian>[a-z]+)")
#: What this machine says of its way out to package servers holds inside, too.
_WAY_OUT = re.compile(r"(?i)pip_\w+|\w+_proxy|ssl_cert_file")
_TIME = 1200.0


@dataclass
class Image:
    """A root folder, and what the Dockerfile says about running in it."""

    root: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    folder: str = "/"
    user: str = "0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)

    def save(self) -> None:
        """Keep everything beside the files, for `load`."""
        told = asdict(self) | {"root": str(self.root)}
        (self.root / _RECORD).write_text(json.dumps(told))

    @classmethod
    def load(cls, root: Path) -> "Image":
        """An image that was built and saved."""
        told: dict[str, Any] = json.loads((root / _RECORD).read_text())
        return cls(**told | {"root": root})

    def inside(self, words: list[str], *, user: str, **more: str) -> list[str]:
        """The words that run `words` in here as `user`, with nothing of this machine but `more`."""
        environment = [f"{name}={value}" for name, value in {**self.environment, **more}.items()]
        go = f'cd {self.folder} && exec "$@"'
        return [
            *("chroot", f"--userspec={user}", str(self.root), "/usr/bin/env", "-i"),
            *(*environment, "/bin/sh", "-c", go, "sh", *words),
        ]

    def bytes(self) -> int:
        """How much lies in it."""
        said = subprocess.run(
            ["du", "--bytes", "--summarize", "--one-file-system", self.root],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return int(said.stdout.split()[0])


def build(root: Path) -> Image:
    """Do what the Dockerfile says in the empty folder `root`. Raises `CalledProcessError`."""
    image = Image(root)
    for instruction in instructions((ROOT / "Dockerfile").read_text()):
        print(f"  {instruction.keyword} {instruction.text[:90]}", flush=True)
        _STEPS[instruction.keyword](image, instruction)
    image.save()
    return image


def run(words: list[str]) -> None:
    """Run a program of this machine to its end; shows what it said only if it fails."""
    ended = subprocess.run(
        words, capture_output=True, text=True, errors="replace", check=False, timeout=_TIME
    )
    if ended.returncode:
        print(ended.stdout[-4000:], ended.stderr[-4000:], sep="\n")
        ended.check_returncode()


def _from(image: Image, said: Instruction) -> None:
    base = _BASE.fullmatch(said.text)
    if base is None:
        raise ValueError(f"what stands in for {said.text} is not known")
    python = f"python{base['python']}"
    run(["debootstrap", "--variant=minbase", base["debian"], str(image.root)])
    run(["mount", "-t", "proc", "proc", str(image.root / "proc")])
    wanted = ["ca-certificates", f"{python}-venv"]
    for words in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted],
        [python, "-m", "venv", "/usr/local"],
    ):
        run(image.inside(words, user="0", DEBIAN_FRONTEND="noninteractive"))
    certificates = "etc/ssl/certs/ca-certificates.crt"
    shutil.copyfile(f"/{certificates}", image.root / certificates)


def _env(image: Image, said: Instruction) -> None:
    image.environment |= dict(pair.split("=", 1) for pair in said.words())


def _workdir(image: Image, said: Instruction) -> None:
    image.folder = said.text
    (image.root / said.text.lstrip("/")).mkdir(parents=True, exist_ok=True)


def _copy(image: Image, said: Instruction) -> None:
    *sources, target = said.words()
    place = image.root / image.folder.lstrip("/") / target
    for source in sources:
        if is_ignored(source):
            raise ValueError(f"{source} is in .dockerignore and cannot be copied")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, ignore=_ignored_in, dirs_exist_ok=True)
            continue
        file = place / Path(source).name if target.endswith("/") else place
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / source, file)


def is_ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps a path of the checkout out of the image."""
    patterns = (ROOT / ".dockerignore").read_text().split()
    parts = Path(path).parts
    leading = ["/".join(parts[: length + 1]) for length in range(len(parts))]
    return any(
        fnmatch(parent, pattern)
        or (pattern.startswith("**/") and fnmatch(Path(parent).name, pattern[3:]))
        for parent in leading
        for pattern in patterns
    )


def _ignored_in(folder: str, names: list[str]) -> set[str]:
    within = Path(folder).relative_to(ROOT)
    return {name for name in names if is_ignored(str(within / name))}


def _run(image: Image, said: Instruction) -> None:
    out = {name: value for name, value in os.environ.items() if _WAY_OUT.fullmatch(name)}
    run(image.inside(said.command(), user=image.user, **out))


def _user(image: Image, said: Instruction) -> None:
    image.user = said.text


def _volume(image: Image, said: Instruction) -> None:
    image.volumes += said.words()


def _healthcheck(image: Image, said: Instruction) -> None:
    _, _, command = said.text.partition("CMD ")
    image.healthcheck = Instruction("CMD", command).command()


def _entrypoint(image: Image, said: Instruction) -> None:
    image.entrypoint = said.command()


def _cmd(image: Image, said: Instruction) -> None:
    image.command = said.command()


def _nothing(_image: Image, _said: Instruction) -> None:
    """For what matters to an engine alone."""


_STEPS = {
    "FROM": _from,
    "ENV": _env,
    "WORKDIR": _workdir,
    "COPY": _copy,
    "RUN": _run,
    "USER": _user,
    "VOLUME": _volume,
    "HEALTHCHECK": _healthcheck,
    "ENTRYPOINT": _entrypoint,
    "CMD": _cmd,
    "EXPOSE": _nothing,
    "STOPSIGNAL": _nothing,
}
