"""API keys."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    Cursor,
    Input,
    Moment,
    Name,
    OrganizationReference,
    PageLimit,
    PersonReference,
    Shape,
)

Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(:[a-z_]+){1,2}$", max_length=60)]
_Days = Annotated[int, Field(ge=1, le=365)]
ApiKeyState = Literal["active", "expired", "revoked", "owner_inactive"]


class ApiKeySecretShape(Shape):
    """One secret of a key; what it is was shown when it was made."""

    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None = Field(description="To the minute.")


class ApiKeyShape(Shape):
    """A key with which a script acts as a person or a service account."""

    id: UUID
    name: str
    person: PersonReference = Field(description="Whoever it acts as.")
    organization: OrganizationReference | None = Field(
        description="The one organization it works in; null is everywhere its owner may."
    )
    scopes: list[str] = Field(
        description="The permissions it carries, as far as its owner has them. Tolerate new ones."
    )
    state: ApiKeyState = Field(description="Tolerate new values.")
    created_at: Moment
    expires_at: Moment = Field(description="When its newest secret ends.")
    last_used_at: Moment | None = Field(description="To the minute.")
    secrets: list[ApiKeySecretShape] = Field(
        description="The secrets that are good now, the newest first; two while it is rotated."
    )


class ApiKeyMade(ApiKeyShape):
    """A key with its new secret, which is shown this once."""

    key: str = Field(
        description="Send it as `Authorization: Bearer …`. It is never shown again.",
        examples=[
            "skr_live_1f8cVb2QkXw9sYhT3nLpZa_k3JfT9vQmX2bWz7LrHc5Yp8NdGs4VaUe6RtKi1OoPxB_0aZ3kQ"
        ],
    )


class ApiKeyNew(Input):
    """A key to be made."""

    name: Name = Field(description="What it is for.", examples=["Nightly import"])
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=60)] = Field(
        description="Permissions of GET /v1/me that the script needs.",
        examples=[["tickets:create", "tickets:read:own"]],
    )
    organization: UUID | None = Field(
        None, description="The one organization it works in; null is everywhere its owner may."
    )
    person: UUID | None = Field(
        None, description="A service account it acts as; null is whoever makes it."
    )
    expires_in_days: _Days = Field(90, description="How long its secret is good.")


class ApiKeyRotation(Input):
    """A new secret for a key."""

    overlap_seconds: int = Field(
        604_800,
        ge=0,
        le=2_592_000,
        description="How long the earlier secret stays good; 0 ends every earlier one at once.",
    )
    expires_in_days: _Days = Field(90, description="How long the new secret is good.")


class ApiKeyQuery(Input):
    """A list of keys."""

    person: UUID | None = Field(None, description="Only those that act as this person.")
    sort: Literal["name", "-name", "created_at", "-created_at"] = "-created_at"
    limit: PageLimit = 25
    cursor: Cursor = None
