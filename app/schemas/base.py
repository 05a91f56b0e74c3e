"""What schemas are made of: strict input, answers that may grow, and texts with limits."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

Language = Literal["nb", "sv", "fi", "da", "it", "en"]
Item = TypeVar("Item")


class Input(BaseModel):
    """A body or query that a client sends. Fields it does not know are refused."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *names: str) -> dict[str, object]:
        """The named fields that were sent: absent means unchanged, `null` means cleared."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


class Shape(BaseModel):
    """An answer. Later versions only add fields."""

    model_config = ConfigDict(frozen=True)


def absent(**more: Any) -> Any:
    """The default of a field that may be left out of a change, but cannot be cleared."""
    return Field(None, json_schema_extra=_without_default, **more)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


#: What turns the writing of everything around a name: to pass for somebody else.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Categories of letters of which none shows anything by itself.
_UNSEEN = frozenset("CMZ")


def _one_line(text: str) -> str:
    cleaned = " ".join(text.split())
    if any(
        unicodedata.category(letter) in {"Cc", "Cs"} or letter in _TURNING for letter in cleaned
    ):
        raise PydanticCustomError("string_unicode", "characters that turn or control")
    if all(unicodedata.category(letter)[0] in _UNSEEN for letter in cleaned):
        raise PydanticCustomError("string_too_short", "nothing to see", {"min_length": 1})
    return cleaned


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first and the last day there are, with an offset
        raise ValueError("out of range") from error


_RFC_3339 = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$")


def _written_as_rfc_3339(sent: object) -> object:
    """Only what the document calls a date-time; pydantic alone would also take numbers."""
    if not isinstance(sent, str) or not _RFC_3339.match(sent):
        raise PydanticCustomError("datetime_parsing", "not a time as in RFC 3339")
    return sent


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$", max_length=40)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line), Field()
]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254, strip_whitespace=True)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$", max_length=16)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Markdown = Annotated[str, StringConstraints(max_length=50_000)]
#: Something said: more than blanks.
Words = Annotated[str, StringConstraints(min_length=1, max_length=50_000, pattern=r"\S")]
Moment = Annotated[datetime, AfterValidator(_utc)]
PageLimit = Annotated[int, Field(ge=1, le=100, description="How many items a page has at most.")]
Cursor = Annotated[
    Annotated[str, StringConstraints(max_length=1000)] | None,
    Field(description="`next_cursor` of the previous page. Without it, the first page."),
]
IncludeTotal = Annotated[
    Literal["total"] | None,
    Field(description="`total`: also say how many items the list has in all."),
]
SentMoment = Annotated[AwareDatetime, BeforeValidator(_written_as_rfc_3339), AfterValidator(_utc)]


class Labelled(Shape):
    """Something of the portal's definition: its key, and its name in the caller's language."""

    key: str = Field(
        description="Never changes; used in input and filters. Tolerate keys you do not know."
    )
    label: str = Field(description="The name to show, in the caller's language.")


class Colored(Labelled):
    """Something of the portal's definition with a colour."""

    color: str = Field(description="As #rrggbb.")


class PersonReference(Shape):
    """A person by id and name."""

    id: UUID
    name: str


class OrganizationReference(Shape):
    """An organization by id and name. The name is null for participants from other
    organizations."""

    id: UUID
    name: str | None


class EntitlementReference(Shape):
    """An entitlement by id and name. The name is null for participants from other organizations."""

    id: UUID
    name: str | None


class ExternalReference(Shape):
    """The id that another system has for this (S3-22)."""

    source: str = Field(description="The other system.")
    key: str = Field(description="The id in the other system.")


class SentExternalReference(Input):
    """The id that another system has for this (S3-22)."""

    source: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$", max_length=60)] = (
        Field(description="A name for the other system, always the same.", examples=["crm"])
    )
    key: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$", max_length=200)] = Field(
        description="The id in the other system.", examples=["A-1042"]
    )


class Listing(Shape, Generic[Item]):
    """A page of a list."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`PersonPage`, `TicketSummaryPage`: the name that generated clients carry."""
        item: Any = params[0]
        while views := get_args(item):
            item = views[0]
        noun = item.__name__.removesuffix("ForCustomer").removesuffix("ForAgent")
        return f"{noun}Page"

    items: list[Item]
    next_cursor: str | None = Field(
        description="Send it as `cursor` to get the next page; null on the last page."
    )
    total: int | None = Field(
        default=None, description="How many items the list has in all; only with `include=total`."
    )
