"""YAML as we take it: plain values with the line each stands in, and nothing clever.

Scalars follow the core schema of YAML 1.2 (`no` is a word, `08:00` is a time of day as text);
anchors, tags and doubled keys are refused, size, depth and number of values are limited. Files
are the operator's, but a definition may come from anybody.
"""

import re
from pathlib import Path as File
from typing import Any, NoReturn

import yaml

from app.domain.tenants.definition import Path
from app.domain.tenants.problems import DefinitionError, Mistake

SIZE_LIMIT = 1024 * 1024
DEPTH_LIMIT = 32
COUNT_LIMIT = 60_000
_CORE = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
    """Knows the core schema only: the resolvers of YAML 1.1 take `no` for false."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
):
    _Loader.add_implicit_resolver(_CORE + _tag, re.compile(_pattern), [*_first, ""])


class Source:
    """A document as it was read: its value, and the line of every place in it."""

    def __init__(self, name: str, value: Any, lines: dict[Path, int]) -> None:
        self.name = name
        self.value = value
        self._lines = lines

    def mistake(self, path: Path, message: str) -> Mistake:
        """A mistake at `path`, with the line of the nearest place that stands in the file."""
        known = path
        while known not in self._lines:
            known = known[:-1]
        return Mistake(self.name, self._lines[known], spell(path), message)


def spell(path: Path) -> str:
    """A path as people read it: `statuses[3].category`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read(file: File) -> Source:
    """The document in `file`. Raises `DefinitionError`."""
    try:
        with file.open("rb") as handle:
            data = handle.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise DefinitionError(
            (Mistake(str(file), 1, "", f"cannot be read: {error.strerror}"),)
        ) from None
    return read_text(data, str(file))


def read_text(data: bytes, name: str) -> Source:
    """The document in `data`; `name` is what mistakes call it. Raises `DefinitionError`."""

    def refuse(line: int, message: str) -> NoReturn:
        raise DefinitionError((Mistake(name, line, "", message),))

    if len(data) > SIZE_LIMIT:
        refuse(1, f"is larger than {SIZE_LIMIT // 1024} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(data.count(b"\n", 0, error.start) + 1, "is not UTF-8 text")
    try:
        _look_over(text, refuse)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        refuse(mark.line + 1 if mark else 1, f"is not YAML: {error.problem or error.context}")
    except yaml.YAMLError as error:
        refuse(1, f"is not YAML: {error}")
    if root is None:
        refuse(1, "is empty")
    lines: dict[Path, int] = {}
    return Source(name, _value(root, (), lines, refuse), lines)


def _look_over(text: str, refuse: Any) -> None:
    """Refuse what could grow without end, before anything is built from it."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        message = _too_clever(event)
        if depth > DEPTH_LIMIT or count > COUNT_LIMIT:
            message = "is nested too deeply or holds too many values"
        if message:
            refuse(event.start_mark.line + 1 if event.start_mark else 1, message)


def _too_clever(event: yaml.Event) -> str | None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return "anchors and aliases are not allowed: write it out"
    if tag := getattr(event, "tag", None):
        return f"the tag {tag!r} is not allowed"
    return None


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], refuse: Any) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if isinstance(node, yaml.MappingNode):
        members: dict[str, Any] = {}
        for name, inner in node.value:
            at = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                refuse(at, "the name of a member must be a word")
            if name.value in members:
                refuse(at, f"{spell((*path, name.value))} stands here twice")
            lines[(*path, name.value)] = at
            members[name.value] = _value(inner, (*path, name.value), lines, refuse)
        return members
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(inner, (*path, place), lines, refuse) for place, inner in enumerate(node.value)
        ]
    return _scalar(node, line, refuse)


def _scalar(node: yaml.Node, line: int, refuse: Any) -> Any:
    text: str = node.value
    match node.tag.removeprefix(_CORE):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            if len(text) > 18:
                refuse(line, "this number is too long")
            return int(text)
        case "float":
            return float(text)
        case _:
            return text
