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


def compared(domain: str) -> str:
    """A domain as it is compared, in its own letters: `xn--bcher-kva.example` as `bücher.example`.

    As mail finds it (UTS 46, non-transitional), and no further: `straße.example` and
    `strasse.example` fold to the same text, and may be two owners' (RFC 5894, 7.2)."""
    try:
        mapped = idna.uts46_remap(domain.strip(), std3_rules=False, transitional=False)
        return idna.decode(mapped) if "xn--" in mapped else mapped
    except (idna.IDNAError, UnicodeError):  # to which no mail goes
        return folded(domain.strip())


def domain_key(text: str) -> str | None:
    """A domain as it is compared; `None` for what mail cannot be addressed to."""
    try:
        found = validate_email(f"x@{compared(text)}", check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return compared(found.domain)


def is_public(domain: str) -> bool:
    """Whether anybody gets a mailbox under this domain (a `domain_key`)."""
    first, *rest = domain.split(".")
    in_a_country = len(rest) == 1 or (len(rest) == 2 and rest[0] in {"co", "com"})
    return domain in _PUBLIC or (first in _PROVIDERS and in_a_country)
