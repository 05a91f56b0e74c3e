"""Second factors: authenticator apps, their codes, recovery codes."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from app.schemas.base import Input, Moment, Password, Shape

Code = Annotated[
    str, StringConstraints(pattern=r"^[0-9 ]+$", strip_whitespace=True, min_length=6, max_length=7)
]
RecoveryCode = Annotated[str, StringConstraints(min_length=1, max_length=40)]
FactorLabel = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Proof(Input):
    """A code from the authenticator app, or a recovery code. Give exactly one of the two."""

    code: Code | None = Field(None, examples=["492039"])
    recovery_code: RecoveryCode | None = Field(None, examples=["k3vw-9qpd-x7mh-2ncf"])

    @model_validator(mode="after")
    def _one_of_them(self) -> "Proof":
        if (self.code is None) == (self.recovery_code is None):
            raise ValueError("give either code or recovery_code")
        return self


class FactorSetup(Input):
    """An authenticator app to add during sign-in."""

    label: FactorLabel = Field("Authenticator app", examples=["My phone"])


class FactorNew(Input):
    """An authenticator app to add."""

    label: FactorLabel = Field(examples=["My phone"])
    password: Password = Field(examples=["a long sentence is a good password"])


class PasswordAgain(Input):
    """The current password, as confirmation."""

    password: Password = Field(examples=["a long sentence is a good password"])


class FirstCode(Input):
    """The first code that the authenticator app shows."""

    code: Code = Field(examples=["492039"])


class Factor(Shape):
    """A second factor."""

    id: UUID
    kind: Literal["totp"] = Field("totp", description="Tolerate kinds you do not know.")
    label: str
    confirmed: bool = Field(description="Whether it is in use: its first code has been entered.")
    created_at: Moment
    last_used_at: Moment | None


class Enrolment(Factor):
    """A second factor to confirm, with the secret for the authenticator app. The secret is shown
    only in this answer."""

    secret: str = Field(description="Base 32, to type in where the QR code cannot be scanned.")
    otpauth_uri: str = Field(description="The content of the QR code.")


class RecoveryCodes(Shape):
    """Recovery codes for when the app is lost. Each works once, and they are shown only in this
    answer."""

    items: list[str] = Field(description="Empty when there are recovery codes already.")


class Factors(Shape):
    """The caller's second factors."""

    items: list[Factor]
    recovery_codes_left: int = Field(description="How many recovery codes are unused.")
    required: bool = Field(description="Whether the portal requires a second factor of the caller.")
