"""Checks of texts: everything people read exists in the portal's default language and in
English."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from app.domain.tenants.definition import Definition, Flaw, Path
from app.domain.tenants.definition.base import PerLanguage


def text_flaws(definition: Definition) -> Iterator[Flaw]:
    """Texts that lack a required language, or have one that the portal does not offer."""
    portal = definition.portal
    if portal.default_language not in portal.languages:
        message = f"{portal.default_language!r} must be among the languages the portal offers"
        yield Flaw(("portal", "default_language"), message)
    needed = dict.fromkeys((portal.default_language, "en"))
    for path, texts in _texts(definition, ()):
        if path[:2] == ("portal", "words"):
            # A word may differ from the product's own in some languages only.
            continue
        missing = [language for language in needed if language not in texts]
        if missing:
            yield Flaw(path, f"the text in {' and '.join(missing)} is missing")
    for path, texts in _texts(definition, ()):
        for language in texts:
            if language not in portal.languages and language != "en":
                yield Flaw((*path, language), f"the portal does not offer {language!r}")


def _texts(part: Any, path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    if isinstance(part, BaseModel):
        if getattr(part, "retired", False):
            # Kept from a version that may have had other languages.
            return
        for name, field in type(part).model_fields.items():
            at = (*path, field.alias or name)
            value = getattr(part, name)
            if any(isinstance(mark, PerLanguage) for mark in field.metadata):
                yield from _per_language(value, at)
            else:
                yield from _texts(value, at)
    elif isinstance(part, tuple):
        for place, item in enumerate(part):
            yield from _texts(item, (*path, place))


def _per_language(
    value: dict[str, Any] | None, path: Path
) -> Iterator[tuple[Path, dict[str, str]]]:
    if not value:
        return
    if all(isinstance(text, str) for text in value.values()):
        yield path, value
    else:
        for name, texts in value.items():
            yield (*path, name), texts
