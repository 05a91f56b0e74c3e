"""E-mail addresses: whether one can be written to, and how two are compared."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.domain.people.problems import EmailInvalid
from app.kernel.problems import Fault


def readable_address(text: str) -> str:
    """The address as mail is sent to it. Raises `EmailInvalid`."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        fault = Fault(code="email-invalid", detail=EmailInvalid.title, pointer="/email")
        raise EmailInvalid(faults=(fault,)) from error


def address_key(text: str) -> str:
    """The address as compared: two that differ in case or Unicode form are one."""
    return unicodedata.normalize("NFKC", text.strip()).casefold()
