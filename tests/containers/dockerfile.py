"""The Dockerfile, read: its instructions in their order, and the compose file's services."""

import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword, and what follows it with lines joined."""

    keyword: str
    text: str

    def words(self) -> list[str]:
        """What follows, as words: the exec form where it is one, else as a shell splits it."""
        if self.text.startswith("["):
            return [str(word) for word in json.loads(self.text)]
        return shlex.split(self.text)

    def command(self) -> list[str]:
        """What follows as a command: the exec form as it is, else handed to a shell."""
        return self.words() if self.text.startswith("[") else ["/bin/sh", "-c", self.text]


def instructions(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, comments left out, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        Instruction(keyword.upper(), rest.strip())
        for keyword, _, rest in (line.strip().partition(" ") for line in joined.splitlines())
        if keyword
    ]


def services(text: str, variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services of a compose file, with `${NAME:?}` and `${NAME:-default}` filled in.

    Raises `KeyError` for a variable that must be given and is not."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found[1], found[2], found[3]
        if kind == ":-":
            return variables.get(name) or default
        return variables[name]

    filled = re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, _without_comments(text))
    found: dict[str, dict[str, Any]] = yaml.safe_load(filled)["services"]
    return found


def _without_comments(text: str) -> str:
    return os.linesep.join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
