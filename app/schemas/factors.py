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
    """A code of the app, or one of the recovery codes."""

    code: Code | None = Field(None, examples=["492039"])
    recovery_code: RecoveryCode | None = Field(None, examples=["k3vw-9qpd-x7mh-2ncf"])

    @model_validator(mode="after")
    def _one_of_them(self) -> "Proof":
        if (self.code is None) == (self.recovery_code is None):
            raise ValueError("give either code or recovery_code")
        return self


class FactorSetup(Input):
    """A second factor to be added on the way in."""

    label: FactorLabel = Field("Authenticator app", examples=["My phone"])


class FactorNew(Input):
    """A second factor to be added."""

    label: FactorLabel = Field(examples=["My phone"])
    password: Password = Field(examples=["a long sentence is a good password"])


class PasswordAgain(Input):
    """The present password, once more."""

    password: Password = Field(examples=["a long sentence is a good password"])


class FirstCode(Input):
    """The first code an app shows."""

    code: Code = Field(examples=["492039"])


class Factor(Shape):
    """A second factor."""

    id: UUID
    kind: Literal["totp"] = Field("totp", description="Tolerate kinds you do not know.")
    label: str
    confirmed: bool = Field(description="Whether it counts: its first code was shown.")
    created_at: Moment
    last_used_at: Moment | None


class Enrolment(Factor):
    """A second factor to be confirmed, with the secret for the app: told this once."""

    secret: str = Field(description="Base 32, to be typed where no code can be scanned.")
    otpauth_uri: str = Field(description="What the QR code says.")


class RecoveryCodes(Shape):
    """Codes for the day the app is lost, each good once. Told this once."""

    items: list[str] = Field(description="Empty where there were codes already.")


class Factors(Shape):
    """What the caller proves himself with beside the password."""

    items: list[Factor]
    recovery_codes_left: int
    required: bool = Field(description="Whether the portal asks the caller for a second factor.")
