"""People who ask for access to a portal themselves."""

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
    """A request for access."""

    name: Name = Field(examples=["Newcomer of Acme"])
    email: Email = Field(examples=["newcomer@acme.example"])
    language: Language | None = Field(
        None, description="Language of the mails; null: the portal's."
    )
    message: _Note | None = Field(
        None,
        description="A message to whoever decides.",
        examples=["I take over from a colleague."],
    )


class RegistrationLink(Shape):
    """What a confirmation link is for."""

    portal: str = Field(description="Slug of the portal it belongs to.")
    email: str = Field(description="The e-mail address it confirms.")
    expires_at: Moment
    password_min_length: int


class RegistrationConfirmation(Input):
    """The password for the new account."""

    password: Password = Field(
        description="15 to 128 characters, not easy to guess.",
        examples=["seven lemons on a blue boat"],
    )


class RegistrationOutcome(Shape):
    """The state of a registration once its address is confirmed."""

    state: Literal["waiting", "approved"] = Field(
        description="`approved`: the person may sign in at once. `waiting`: somebody will decide,"
        " and a mail will tell. Tolerate new values."
    )


class RegistrationShape(Shape):
    """A request for access with a confirmed e-mail address."""

    id: UUID
    state: RegistrationState = Field(description="Tolerate new values.")
    name: str
    email: str
    language: Language | None
    message: str | None
    organization: OrganizationReference | None = Field(
        description="The organization that has the e-mail domain of the address."
    )
    person: PersonReference | None = Field(
        description="The person who was created, once it is approved."
    )
    reason: str | None = Field(description="Why it was refused, as the person was told.")
    created_at: Moment
    confirmed_at: Moment
    decided_at: Moment | None
    expires_at: Moment = Field(description="When this registration is deleted.")


class RegistrationQuery(Input):
    """How the list of registrations is filtered, sorted and paged."""

    state: RegistrationState | None = None
    sort: Literal["created_at", "-created_at"] = Field(
        "-created_at", description="A leading `-` sorts in descending order."
    )
    limit: PageLimit = 25
    cursor: Cursor = None


class RegistrationApproval(Input):
    """The organization that the person becomes a member of."""

    organization: UUID
    role: Key | None = Field(
        None,
        description="Key of the role there; null: the portal's role for newcomers.",
        examples=["perus"],
    )


class RegistrationRefusal(Input):
    """Why access is refused."""

    reason: _Note | None = Field(
        None, description="It is mailed to the person.", examples=["Please ask your main user."]
    )
