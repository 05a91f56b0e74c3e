"""Languages people read: which one to speak, and the sentence in it.

Catalogues are gettext files, `app/locales/<language>/messages.po`; the English sentence in the
code is the message id, so English needs no catalogue and a missing translation shows English.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = ("nb", "sv", "fi", "da", "it", "en")
FALLBACK = "en"
_SPOKEN_AS = {"no": "nb", "nn": "nb"}
_CATALOGUES = Path(__file__).parent.parent / "locales"

current: ContextVar[str] = ContextVar("language", default=FALLBACK)


def language_of(tag: str) -> str | None:
    """The language of ours that a BCP 47 tag asks for (`nn-NO` → `nb`), or `None`."""
    primary = tag.strip().lower().split("-", 1)[0]
    primary = _SPOKEN_AS.get(primary, primary)
    return primary if primary in LANGUAGES else None


def negotiate(accept_language: str | None, offered: Iterable[str] = LANGUAGES) -> str | None:
    """The best language of `offered` for an `Accept-Language` header (RFC 9110, 12.5.4)."""
    return _negotiated((accept_language or "")[:1000], tuple(offered))


@lru_cache(maxsize=1000)
def _negotiated(accept_language: str, offered: tuple[str, ...]) -> str | None:
    wanted: list[tuple[float, int, str]] = []
    for order, part in enumerate(accept_language.split(",")):
        tag, _, parameter = part.partition(";")
        weight = 1.0
        name, _, number = parameter.strip().partition("=")
        if name.strip() == "q":
            try:
                weight = float(number)
            except ValueError:
                weight = 0.0
        language = language_of(tag)
        if language and weight > 0:
            wanted.append((-weight, order, language))
    return next((language for _, _, language in sorted(wanted) if language in offered), None)


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    file = _CATALOGUES / language / "messages.po"
    if not file.exists():
        return {}
    with file.open("rb") as handle:
        messages = read_po(handle, locale=language)
    return {
        message.id: message.string
        for message in messages
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string
    }


def translate(sentence: str, language: str | None = None, **values: Any) -> str:
    """`sentence` (English, the message id) in `language`, its `{names}` filled with `values`."""
    text = _catalogue(language or current.get()).get(sentence, sentence)
    return text.format(**values) if values else text


def label(labels: Mapping[Any, str], language: str | None = None, *, default: str = "") -> str:
    """The label in `language`; else in English; else in whichever language it has."""
    chosen = labels.get(language or current.get()) or labels.get(FALLBACK)
    return chosen or next(iter(labels.values()), default)
