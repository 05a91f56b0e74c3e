"""The parts of a definition: keys, texts per language, colours, time zones."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Language = Literal["nb", "sv", "fi", "da", "it", "en"]
Side = Literal["customer", "agent"]
Channel = Literal["portal", "mail", "agent", "api"]
Path = tuple[str | int, ...]

KEY_PATTERN = r"^[a-z0-9_-]{1,40}$"
_HTTPS = r"^https://[^\s/?#@]+(/[^\s]*)?$"


class Part(BaseModel):
    """A part of a definition: cannot be changed, refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Flaw(NamedTuple):
    """Something wrong in a definition: the path to the place, and a sentence about it."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class PerLanguage:
    """Marks a field that holds a text per language, so that one rule can look at all of them."""


def _without_control_characters(text: str) -> str:
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text):
        raise ValueError("control characters are not allowed here")
    return text


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("this is no IANA time zone; use one like Europe/Oslo") from None
    return name


Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n\t]*$"),
    AfterValidator(_without_control_characters),
]
Prose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000),
    AfterValidator(_without_control_characters),
]
Labels = Annotated[dict[Language, Line], Field(min_length=1), PerLanguage()]
#: As `Labels`, where there need not be any.
OwnLabels = Annotated[dict[Language, Line], PerLanguage()]
Texts = Annotated[dict[Language, Prose], PerLanguage()]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Address = Annotated[str, StringConstraints(pattern=_HTTPS, max_length=2000)]
Zone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_known_zone)]
Number = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Days = Annotated[int, Field(strict=True, ge=1, le=36_500)]


class Keyed(Part):
    """A part with a key of its own. What is removed from a definition stays, as `retired`."""

    key: Key = Field(description="Immutable name: used in input, filters and answers.")
    retired: bool = Field(
        False,
        description="Kept for what already uses it, and offered no longer. Set by `apply` on what"
        " has vanished from the document; taken back by leaving it out.",
    )


class Named(Keyed):
    """A keyed part that people read."""

    labels: Labels = Field(
        description="Its name per language: at least in the portal's default language and English."
    )


class HasKey(Protocol):
    """Anything with a key."""

    @property
    def key(self) -> str:
        """The key."""


Item = TypeVar("Item", bound=HasKey)


def by_key(items: Iterable[Item]) -> dict[str, Item]:
    """The items by their key, in their order."""
    return {item.key: item for item in items}
