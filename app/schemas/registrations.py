"""People who ask to be let in themselves."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    Cursor,
    Email,
    Input,
    Key,
    Language,
    Moment,
    Name,
    OrganizationReference,
    PageLimit,
    Password,
    PersonReference,
    Shape,
)

_Note = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"\S")]
RegistrationState = Literal["waiting", "approved", "refused"]


class RegistrationNew(Input):
    """Somebody asks to be let in."""

    name: Name = Field(examples=["Newcomer of Acme"])
    email: Email = Field(examples=["newcomer@acme.example"])
    language: Language | None = Field(None, description="Of his mails; null: the portal's.")
    message: _Note | None = Field(
        None, description="For whoever decides.", examples=["I take over from a colleague."]
    )


class RegistrationLink(Shape):
    """What a link that confirms an address is good for."""

    portal: str = Field(description="Slug of the portal it belongs to.")
    email: str = Field(description="The address that it confirms.")
    expires_at: Moment
    password_min_length: int


class RegistrationConfirmation(Input):
    """The password somebody is going to have."""

    password: Password = Field(
        description="15 to 128 characters, not easy to guess.",
        examples=["seven lemons on a blue boat"],
    )


class RegistrationOutcome(Shape):
    """Where somebody stands who has confirmed his address."""

    state: Literal["waiting", "approved"] = Field(
        description="`approved`: he may sign in at once. `waiting`: he is mailed when somebody has"
        " decided. Tolerate new values."
    )


class RegistrationShape(Shape):
    """Somebody who has confirmed his address and asks to be let in."""

    id: UUID
    state: RegistrationState = Field(description="Tolerate new values.")
    name: str
    email: str
    language: Language | None
    message: str | None
    organization: OrganizationReference | None = Field(
        description="Whose verified e-mail domain his address has."
    )
    person: PersonReference | None = Field(description="Who came of it.")
    reason: str | None = Field(description="Why he was not let in, as he was told.")
    created_at: Moment
    confirmed_at: Moment
    decided_at: Moment | None
    expires_at: Moment = Field(description="When it is removed.")


class RegistrationQuery(Input):
    """A list of registrations."""

    state: RegistrationState | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
    limit: PageLimit = 25
    cursor: Cursor | None = None


class RegistrationApproval(Input):
    """Where somebody is let in."""

    organization: UUID
    role: Key | None = Field(
        None, description="His role there; null: the one newcomers get.", examples=["perus"]
    )


class RegistrationRefusal(Input):
    """Why somebody is not let in."""

    reason: _Note | None = Field(
        None, description="He is mailed it.", examples=["Please ask your main user."]
    )
