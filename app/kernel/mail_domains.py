"""Domains of e-mail addresses: how two are compared, and which of them are anybody's."""

import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email

#: Where everybody gets a mailbox: whoever has one there belongs to no organization by it.
_PROVIDERS = frozenset(
    [
        "aol",
        "fastmail",
        "gmail",
        "gmx",
        "googlemail",
        "hey",
        "hotmail",
        "icloud",
        "inbox",
        "live",
        "mail",
        "mailbox",
        "msn",
        "outlook",
        "proton",
        "protonmail",
        "rocketmail",
        "tuta",
        "tutamail",
        "tutanota",
        "yahoo",
        "yandex",
        "ymail",
        "zoho",
    ]
)
#: The same under names that say it in one country only.
_PUBLIC = frozenset(
    [
        "alice.it",
        "bluewin.ch",
        "bredband.net",
        "elisanet.fi",
        "free.fr",
        "jubii.dk",
        "kolumbus.fi",
        "libero.it",
        "luukku.com",
        "mac.com",
        "mail.dk",
        "mail.ru",
        "me.com",
        "online.no",
        "orange.fr",
        "pm.me",
        "qq.com",
        "saunalahti.fi",
        "spray.se",
        "stofanet.dk",
        "suomi24.fi",
        "t-online.de",
        "telia.com",
        "tim.it",
        "tiscali.it",
        "virgilio.it",
        "web.de",
        "welho.com",
    ]
)


def folded(text: str) -> str:
    """A text as it is compared: in one case and one Unicode form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def in_letters(domain: str) -> str:
    """A folded domain in its own letters: `xn--bcher-kva.example` as `bücher.example`."""
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain


def domain_key(text: str) -> str | None:
    """A domain as it is compared; `None` for what mail cannot be addressed to."""
    domain = in_letters(folded(text.strip()))
    try:
        found = validate_email(f"x@{domain}", check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return in_letters(folded(found.domain))


def is_public(domain: str) -> bool:
    """Whether anybody gets a mailbox under this domain (a `domain_key`)."""
    first, *rest = domain.split(".")
    in_a_country = len(rest) == 1 or (len(rest) == 2 and rest[0] in {"co", "com"})
    return domain in _PUBLIC or (first in _PROVIDERS and in_a_country)
