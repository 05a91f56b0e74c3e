"""E-mail addresses: whether one can be written to, and how two are compared."""

import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email

from app.domain.people.problems import EmailInvalid
from app.kernel.problems import Fault


def readable_address(text: str) -> str:
    """The address as mail is sent to it. Raises `EmailInvalid`."""
    try:
        return validate_email(text, check_deliverability=False, strict=True).normalized
    except EmailNotValidError as error:
        fault = Fault(code="email-invalid", detail=EmailInvalid.title, pointer="/email")
        raise EmailInvalid(faults=(fault,)) from error


def address_key(text: str) -> str:
    """The address as compared: two that differ in case, in Unicode form or in how the domain is
    written (browsers send `bücher.example` as `xn--bcher-kva.example`) are one."""
    local, at, domain = _folded(text.strip()).rpartition("@")
    return _folded(f"{local}{at}{_in_letters(domain)}")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _in_letters(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain
