"""Commands in the pages: found, run one after the other in one shell, and their output compared."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.programs import missing
from tests.served import Served

ROOT = Path(__file__).parent.parent.parent
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "--- end of a block ---"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of commands, and what the page says that they answer."""

    commands: str
    answer: str | None
    kind: str

    def answer_fits(self, said: str) -> bool:
        """Whether it is what the page says, but for what differs every time."""
        assert self.answer is not None
        if self.kind == "json":
            return bool(shape(documents(said)) == shape(documents(self.answer)))
        return said.strip().endswith(self.answer.strip())


def blocks(page: Path, *, after: str = "") -> list[Block]:
    """The blocks of commands (`sh`) in a page, each with the block of `json` or `text` after it.

    `after` is a heading; what stands before it, such as how to install, is not run."""
    _, _, text = page.read_text().partition(after)
    found = list(_BLOCK.finditer(text))
    following = [*found[1:], None]
    return [
        Block(
            block[2],
            *((next_[2], next_[1]) if next_ and next_[1] in {"json", "text"} else (None, "")),
        )
        for block, next_ in zip(found, following, strict=True)
        if block[1] == "sh"
    ]


class Shell:
    """A shell that keeps its variables from one block to the next, as a reader's does."""

    def __init__(self, served: Served) -> None:
        for program in ("bash", "curl", "jq"):
            if shutil.which(program) is None:
                missing(program, f"On Debian: apt-get install {program}.")
        self._said = {
            "http://127.0.0.1:8000": served.base,
            "var/": f"{served.settings.data_dir}/",
            ".venv/bin/skranke": f"{sys.executable} -m app.cli",
        }
        self._process = subprocess.Popen(
            ["bash", "-u"],  # noqa: S607
            env=served.environment(),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, commands: str) -> str:
        """Run a block; answers what it printed."""
        assert self._process.stdin
        assert self._process.stdout
        for written, here in self._said.items():
            commands = commands.replace(written, here)
        self._process.stdin.write(f"{commands}\necho\necho '{_END}'\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line.strip() == _END:
                return "".join(lines).replace(self._said["var/"], "var/")
            lines.append(line)
        raise AssertionError(f"the shell ended: {''.join(lines)}")

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=10)


@contextmanager
def shell(served: Served) -> Iterator[Shell]:
    """A shell beside a served installation; `var/demo.json` says who may sign in there."""
    told = {"base": served.base, "portals": {k: {"people": v} for k, v in served.people.items()}}
    (served.settings.data_dir / "demo.json").write_text(json.dumps(told))
    held = Shell(served)
    try:
        yield held
    finally:
        held.close()


def documents(text: str) -> list[Any]:
    """The JSON documents of a text, one after the other, as jq prints them."""
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].lstrip()
    return found


def shape(value: Any) -> Any:
    """What of an answer is the same every time: all but numbers, ids, moments and secrets."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    if isinstance(value, str) and re.search(r"[0-9a-f-]{36}|\d{4}-\d\d-\d\dT|_[\w-]{20,}", value):
        return "something of its own"
    return re.sub(r"\b([A-Z]+)-\d+\b", r"\1-…", value) if isinstance(value, str) else value
