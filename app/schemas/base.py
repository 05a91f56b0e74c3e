"""What shapes are made of: input that refuses, answers that grow, texts with bounds."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Language = Literal["nb", "sv", "fi", "da", "it", "en"]
Item = TypeVar("Item")


class Input(BaseModel):
    """A body a client sends. What it does not know it refuses."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *names: str) -> dict[str, object]:
        """The named fields that were sent (absent is unchanged, `null` is cleared)."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


class Shape(BaseModel):
    """An answer. It grows only by addition."""

    model_config = ConfigDict(frozen=True)


def _one_line(text: str) -> str:
    cleaned = " ".join(text.split())
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in cleaned):
        raise ValueError("control characters")
    return cleaned


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$", max_length=40)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line), Field()
]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254, strip_whitespace=True)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$", max_length=16)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Markdown = Annotated[str, StringConstraints(max_length=50_000)]
Moment = Annotated[datetime, AfterValidator(_utc)]
SentMoment = Annotated[AwareDatetime, AfterValidator(_utc)]


class Labelled(Shape):
    """A thing of the catalogue: its key, and its name in the caller's language."""

    key: str = Field(
        description="Immutable; used in input and filters. Tolerate keys you do not know."
    )
    label: str


class Colored(Labelled):
    """A thing of the catalogue with a colour."""

    color: str = Field(description="As #rrggbb.")


class PersonReference(Shape):
    """Somebody, by name."""

    id: UUID
    name: str


class OrganizationReference(Shape):
    """An organization. Its name is null to participants from elsewhere."""

    id: UUID
    name: str | None


class ExternalReference(Shape):
    """How another system names this (S3-22)."""

    source: str
    key: str


class SentExternalReference(Input):
    """How another system names this (S3-22)."""

    source: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$", max_length=60)]
    key: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$", max_length=200)]


class Listing(Shape, Generic[Item]):
    """A page of a list."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[type[Any], ...]) -> str:
        """`PersonPage`, `TicketSummaryPage`: the name that generated clients carry."""
        item: Any = params[0]
        while views := get_args(item):
            item = views[0]
        noun = item.__name__.removesuffix("ForCustomer").removesuffix("ForAgent")
        return f"{noun}Page"

    items: list[Item]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last one."
    )
    total: int | None = Field(
        default=None, description="How many there are in all; only with `include=total`."
    )
