"""From a file to a document that has been checked, with errors that name file, line and path."""

from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.domain.tenants.checks import flaws_in
from app.domain.tenants.definition import Definition, Path
from app.domain.tenants.problems import DefinitionError
from app.domain.tenants.strict_yaml import Source, read, read_text

Document = TypeVar("Document", bound=BaseModel)

#: How pydantic's sentences read to somebody who writes a definition.
_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not known here; look for a typing error",
    "model_type": "must be an object with members",
    "dict_type": "must be an object with members",
    "tuple_type": "must be a list",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "date_from_datetime_parsing": "must be a date, YYYY-MM-DD",
    "date_type": "must be a date, YYYY-MM-DD",
}
_ONE_OF_SEVERAL = "must be a text, a number, true or false, or a list of texts"
_PATTERNS = {
    r"^[a-z0-9_-]{1,40}$": "a key has 1 to 40 of a-z, 0-9, - and _",
    r"^#[0-9a-f]{6}$": "a colour is written #rrggbb, in lower case",
    r"^[A-Z]{2,6}$": "the prefix has 2 to 6 capital letters",
    r"^[A-Z]{2}$": "a country has two capital letters, like NO",
    r"^[^\r\n\t]*$": "must be one line",
}


def load(file: File) -> Definition:
    """The definition in a YAML file, checked as a whole.

    Raises `DefinitionError` with every mistake found."""
    return definition_from(read(file))


def load_text(data: bytes, name: str) -> Definition:
    """The definition in `data`; `name` is what mistakes call it. Raises `DefinitionError`."""
    return definition_from(read_text(data, name))


def read_stored(document: Mapping[str, Any]) -> Definition:
    """A definition that was stored: it was checked before, so only its shape is looked at."""
    return Definition.model_validate(document)


def definition_from(source: Source) -> Definition:
    """The definition that was read. Raises `DefinitionError`."""
    definition = document_from(source, Definition)
    mistakes = [source.mistake(flaw.path, flaw.message) for flaw in flaws_in(definition)]
    if mistakes:
        raise DefinitionError(tuple(sorted(mistakes, key=lambda mistake: mistake.line)))
    return definition


def document_from(source: Source, model: type[Document]) -> Document:
    """What was read as a document of the shape `model`. Raises `DefinitionError`."""
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        mistakes = [
            source.mistake(path, sentence)
            for path, sentence in _told(source.value, error.errors(include_url=False))
        ]
        raise DefinitionError(tuple(sorted(mistakes, key=lambda mistake: mistake.line))) from None


def _told(value: Any, errors: list[ErrorDetails]) -> Iterator[tuple[Path, str]]:
    """Each place once, and no sentence that only follows from another one's."""
    sentences: dict[Path, str] = {}
    paths = [_path(value, error) for error in errors]
    for path, error in zip(paths, errors, strict=True):
        if error["type"] == "too_short" and _any_inside(path, paths):
            # What is wrong inside a list is not counted as being in it.
            continue
        # A value that fits none of several shapes is told of once for each of them.
        several = path in sentences and len(error["loc"]) > len(path)
        sentences[path] = _ONE_OF_SEVERAL if several else _sentence(error)
    yield from sentences.items()


def _any_inside(path: Path, paths: list[Path]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in paths)


def _path(value: Any, error: ErrorDetails) -> Path:
    """Where pydantic points, without what it adds of its own (variants of a union, `[key]`)."""
    path: Path = ()
    for step in error["loc"]:
        inside = (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        )
        if inside:
            path = (*path, step)
            value = value[step]
    return (*path, error["loc"][-1]) if error["type"] == "missing" else path


def _sentence(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "too_short":
        return f"must hold at least {context['min_length']}"
    if kind == "literal_error":
        return f"must be one of {context['expected']}"
    if kind == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return _PATTERNS[context["pattern"]]
    message: str = error["msg"]
    return message.removeprefix("Value error, ").replace("Input should be", "must be")
