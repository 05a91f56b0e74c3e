"""E-mail addresses: whether one can be written to, and how two are compared."""

from email_validator import EmailNotValidError, validate_email

from app.domain.people.problems import EmailInvalid
from app.kernel.mail_domains import compared, folded

#: The same sign as wide as an ideograph, and small.
_AT = str.maketrans("＠﹫", "@@")


def readable_address(text: str) -> str:
    """The address as mail is sent to it. Raises `EmailInvalid`."""
    try:
        return validate_email(text, check_deliverability=False, strict=True).normalized
    except EmailNotValidError as error:
        raise EmailInvalid.at("/email", EmailInvalid.title) from error


def address_key(text: str) -> str:
    """The address as compared: two that differ in case, in Unicode form or in how the domain is
    written (browsers send `bücher.example` as `xn--bcher-kva.example`) are one. Domains that mail
    tells apart stay apart (`mail_domains.compared`): a mailbox at one says nothing of the other."""
    local, at, domain = text.strip().translate(_AT).rpartition("@")
    return f"{folded(local)}{at}{compared(domain)}"


def domain_of(key: str) -> str:
    """The domain of an address as compared, itself as compared (`mail_domains.domain_key`)."""
    return key.rpartition("@")[2]
