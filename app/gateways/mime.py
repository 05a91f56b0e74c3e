"""Serializes mails (RFC 5322, 2045 to 2047). Used by `app/gateways/mail.py` alone.

Header lines are folded and encoded here rather than by `email.policy`: on Python 3.11 that one
drops the quotes of a long name (`Bob, <b@x>` becomes two addresses) and hides long Message-IDs
in encoded words, which no other program then recognises. The rest of a mail, two parts of text, is
shorter to write directly than with `email.message`.
"""

import hashlib
import re
from binascii import b2a_qp
from collections.abc import Mapping
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime
from functools import lru_cache

import idna

from app.kernel import clock

_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/^_`{|}~-]+)*")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.\[\]:-]+>")
_LINE = 76
_FOLD = "\r\n "
_NAME_LIMIT = 100
_SUBJECT_LIMIT = 250


class MalformedAddress(ValueError):
    """The text is not an address that mail can be sent to."""


def write(
    *,
    message_id: str,
    sender: tuple[str, str],
    recipient: tuple[str, str],
    reply_to: str | None,
    subject: str,
    text: str,
    html: str,
    language: str,
    in_reply_to: str | None,
    references: tuple[str, ...],
    headers: Mapping[str, str],
) -> bytes:
    """The mail as bytes with CRLF line ends: plain text and HTML as alternatives.

    It is marked as sent automatically (RFC 3834), so that no autoresponder answers. Raises
    `MalformedAddress`, and `ValueError` for an invalid id or header name."""
    lines = {
        "Date": format_datetime(clock.now()),
        "Message-ID": _id(message_id),
        "From": mailbox(*sender),
        "To": mailbox(*recipient),
        "Subject": _folded("Subject", one_line(subject, _SUBJECT_LIMIT)),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": _folded("Content-Language", one_line(language, 35)),
        "MIME-Version": "1.0",
    }
    if reply_to:
        lines["Reply-To"] = mailbox("", reply_to)
    if in_reply_to:
        lines["In-Reply-To"] = _id(in_reply_to)
    if references:
        lines["References"] = _FOLD.join(_id(reference) for reference in references)
    taken = {name.lower() for name in lines}
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower().startswith("content-"):
            raise ValueError(f"a mail cannot carry the header {name!r}")
        if name.lower() in taken:
            raise ValueError(f"a mail cannot carry the header {name!r} twice")
        lines[name] = _folded(name, one_line(value, 900))
    # No quoted-printable line contains "=_", so the boundary cannot occur in a part.
    boundary = f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}"
    lines["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    parts = f"--{boundary}\r\n".encode().join((b"", _part("plain", text), _part("html", html)))
    return head.encode() + b"\r\n" + parts + f"--{boundary}--\r\n".encode()


def _part(subtype: str, text: str) -> bytes:
    """A text as a part of a mail, in quoted-printable (RFC 2045, 6.7)."""
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    # It ends in CRLF, else `b2a_qp` would break a long single line with LF alone.
    said = b"\r\n".join([*_storable(text).encode().splitlines(), b""]) or b"\r\n"
    return head.encode() + b2a_qp(said, istext=True)


def mailbox(name: str, where: str) -> str:
    """`name <address>` as a header value; a name of more than plain words is encoded."""
    spec = address(where)
    name = one_line(name, _NAME_LIMIT)
    if not name:
        return spec
    if _PLAIN_NAME.fullmatch(name) and len(name) + len(spec) < _LINE - 16:
        return f"{name} <{spec}>"
    return f"{_encoded('Reply-To', name)}{_FOLD}<{spec}>"


@lru_cache(maxsize=1000)
def address(text: str) -> str:
    """The address `text` spells, its domain in ASCII (IDNA). Raises `MalformedAddress`."""
    user, at, domain = text.rpartition("@")
    if not at or not user or one_line(text, len(text) + 1) != text or " " in text:
        raise MalformedAddress
    try:
        if not domain.isascii():
            domain = idna.encode(domain, uts46=True).decode("ascii")
        # The standard library reads ASCII only; letters beyond it (RFC 6531) stand for themselves.
        plain = "".join(letter if letter.isascii() else "x" for letter in user)
        parsed = Address(addr_spec=f"{plain}@{domain}")
    except (ValueError, IndexError, MessageError) as error:
        raise MalformedAddress from error
    if parsed.username != plain or parsed.domain != domain or domain.startswith("["):
        raise MalformedAddress
    return f"{user}@{domain}"


def one_line(text: str, limit: int) -> str:
    """`text` without what could end a line or turn it round, cut to `limit` characters."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in _storable(text))
    shown = " ".join(text.split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def _folded(name: str, value: str) -> str:
    if value.isascii() and "=?" not in value:
        if len(name) + len(": ") + len(value) <= _LINE:
            return value
        return Header(value, "us-ascii", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")
    return _encoded(name, value)


def _encoded(name: str, value: str) -> str:
    return Header(value, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")


def _id(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise ValueError(f"not a message id: {text!r}")
    return text


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
