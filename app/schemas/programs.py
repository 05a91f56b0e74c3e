"""Programs of a directory that act as service accounts."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.api_keys import Scope
from app.schemas.base import Cursor, Input, Moment, Name, PageLimit, PersonReference, Shape

_PROVIDER = "Key of the provider in the portal's definition whose directory knows the program."
_OBJECT = "Object id of its service principal in the directory: the token's `oid`."
_CLIENT = "Its application id: the token's `azp`."


class ProgramShape(Shape):
    """A program of a directory, and what it acts as."""

    id: UUID = Field(description="Id of the program here, by which its binding is taken away.")
    name: str = Field(description="What it is called here.")
    service_account: PersonReference = Field(description="What it acts as.")
    provider: str = Field(description=_PROVIDER)
    issuer: str = Field(description="Who signs its tokens: their `iss`.")
    object_id: str = Field(description=_OBJECT)
    client_id: str = Field(description=_CLIENT)
    scopes: list[str] = Field(
        description="The permissions it was given. They count as far as its service account still"
        " has them and the portal's definition still lets programs have them. Tolerate new ones."
    )
    created_at: Moment = Field(description="When it was bound.")
    last_used_at: Moment | None = Field(
        description="When it last called, to the minute; null for one that never did."
    )


class ProgramNew(Input):
    """A program to be bound to a service account."""

    name: Name = Field(description="What it is called here.", examples=["Nightly import"])
    service_account: UUID = Field(
        description="A person with `service: true`; what the program acts as."
    )
    provider: Annotated[str, Field(max_length=60)] = Field(
        description=_PROVIDER, examples=["microsoft"]
    )
    directory: UUID | None = Field(
        None,
        description="Id of the directory (tenant id), one of those that the provider trusts; null"
        " where there is only one.",
    )
    object_id: UUID = Field(
        description=f"{_OBJECT} It stands on the page of the enterprise application, and is not"
        " that of the app registration."
    )
    client_id: UUID = Field(description=_CLIENT)
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=60)] = Field(
        description="Permissions that the program needs.",
        examples=[["tickets:open_on_behalf", "tickets:read:tenant"]],
    )


class ProgramQuery(Input):
    """A list of programs."""

    service_account: UUID | None = Field(None, description="Only those that act as this one.")
    sort: Literal["created_at", "-created_at"] = Field(
        "-created_at", description="In which order; `-` puts the newest first."
    )
    limit: PageLimit = 25
    cursor: Cursor = None
