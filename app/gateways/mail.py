"""Outgoing mail, and three ways to send it: SMTP, a maildir, and in memory for tests.

A `Mailer` returns when the mail was accepted, raises `MailRefused` (do not try again) or
`MailUnavailable` (try again later). Neither exception contains an address or text of the other
server, so both may be logged.
"""

import asyncio
import contextlib
import os
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.gateways import mime
from app.gateways.failures import GatewayFailure
from app.kernel.ids import new_id
from app.kernel.settings import Settings

_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person.

    `message_id`, `in_reply_to` and `references` are ids with their angle brackets (RFC 5322,
    3.6.4), `language` a BCP 47 tag, `headers` further headers. Names and the subject
    may contain anything a person typed; characters that could end a header line are removed."""

    message_id: str
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    language: str
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class MailRefused(GatewayFailure):
    """The mail will never be accepted: a permanent failure (5yz, RFC 5321) or an invalid address.

    `reason` is a code such as `550 5.1.1` or `malformed-address`."""


class MailUnavailable(GatewayFailure):
    """The mail server cannot be reached or refuses for now; the mail itself may be fine."""


class Sender(Protocol):
    """Something that mails can be sent with."""

    async def send(self, message: Mail) -> None:
        """Hand over one mail; returns when it was accepted.

        Raises `MailRefused` (do not try again) or `MailUnavailable` (try again later)."""
        ...


class Mailer(Sender, Protocol):
    """Sends mails, one by one or several over one connection."""

    def session(self) -> AbstractAsyncContextManager[Sender]:
        """For the block, a sender for several mails, one after another. The failure of one does not
        affect the next."""
        ...


@dataclass
class InMemory:
    """Keeps mails in `sent`; raises `failure` instead while one is set."""

    sent: list[Mail] = field(default_factory=list)
    failure: MailRefused | MailUnavailable | None = None

    async def send(self, message: Mail) -> None:
        """Remember the mail, after writing it once as every other mailer does."""
        if self.failure:
            raise self.failure
        written(message)
        self.sent.append(message)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Sender]:
        """Sends by itself: there is no connection to keep open."""
        yield self


class Maildir:
    """A maildir: written to `tmp`, made durable, moved to `new`; readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def send(self, message: Mail) -> None:
        """Deliver as one `.eml` file whose name sorts by the moment of delivery."""
        content = written(message)
        try:
            await asyncio.to_thread(self._deliver, content)
        except OSError as error:
            raise MailUnavailable(f"maildir {os.strerror(error.errno or 0)}") from error

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Sender]:
        """Sends by itself: there is no connection to keep open."""
        yield self

    def _deliver(self, content: bytes) -> None:
        for folder in ("tmp", "new", "cur"):
            (self.path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{new_id()}.eml"
        waiting = self.path / "tmp" / name
        try:
            with os.fdopen(
                os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as f:
                f.write(content)
                f.flush()
                os.fsync(f.fileno())
            waiting.rename(self.path / "new" / name)
        except OSError:
            waiting.unlink(missing_ok=True)
            raise


class Smtp:
    """A mail server: `smtp://[user:password@]host[:port]` or `smtps://…`.

    STARTTLS is used wherever it is offered, and demanded before a password is sent to another
    machine. Certificates are checked against `tls` (default: the system's authorities).
    Raises `ValueError` for an address it cannot read; the password is never in the message."""

    def __init__(
        self, url: str, *, tls: ssl.SSLContext | None = None, patience: float = 20.0
    ) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError(_UNREADABLE) from None
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.query:
            raise ValueError(_UNREADABLE)
        self._host = parts.hostname
        self._user = unquote(parts.username or "") or None
        self._password = unquote(parts.password or "") or None
        self._implicit = parts.scheme == "smtps"
        self._port = port or (465 if self._implicit else 587 if self._user else 25)
        self._tls = tls or ssl.create_default_context()
        self._patience = patience

    async def send(self, message: Mail) -> None:
        """Send over a connection of its own; at most `patience` seconds for each step."""
        async with self.session() as session:
            await session.send(message)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Sender]:
        """One connection for several mails, opened with the first, and anew where it is lost."""
        session = _SmtpSession(self._connection)
        try:
            yield session
        except BaseException:
            session.drop()
            raise
        await session.quit()

    def _connection(self) -> aiosmtplib.SMTP:
        encrypt = True if self._user and not _is_this_machine(self._host) else None
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._implicit,
            start_tls=False if self._implicit else encrypt,
            tls_context=self._tls,
            timeout=self._patience,
        )


class _SmtpSession:
    """A conversation with a mail server (RFC 5321, 3.1): one transaction for each mail."""

    def __init__(self, connection: Callable[[], aiosmtplib.SMTP]) -> None:
        self._connection = connection
        self._server: aiosmtplib.SMTP | None = None

    async def send(self, message: Mail) -> None:
        """Send one mail. An answer of the server ends its transaction, not the conversation."""
        content = written(message)
        utf8 = not message.to_address.split("@")[0].isascii()
        try:
            server = await self._listening()
            if utf8 and not server.supports_extension("smtputf8"):
                raise MailRefused("smtputf8-not-offered")
            await server.sendmail(
                mime.address(message.from_address),
                [mime.address(message.to_address)],
                content,
                mail_options=["SMTPUTF8"] if utf8 else [],
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _verdict(error.recipients[0].code, error.recipients[0].message) from error
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            raise _verdict(error.code, error.message) from error
        except aiosmtplib.SMTPResponseException as error:
            # Refused before the recipient was named: our password, our sender, our greeting.
            self.drop()
            raise MailUnavailable(_code(error.code, error.message)) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self.drop()
            raise MailUnavailable(type(error).__name__) from error

    async def _listening(self) -> aiosmtplib.SMTP:
        """The server that was spoken to before, if it still listens; else a new connection."""
        if self._server is not None:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await self._server.rset()
                return self._server
            self.drop()
        server = self._connection()
        await server.connect()
        self._server = server
        return server

    async def quit(self) -> None:
        """Take leave. What was accepted stays accepted, whatever is said to that."""
        if self._server is not None:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await self._server.quit()
        self.drop()

    def drop(self) -> None:
        """Close the connection without a word to the server."""
        if self._server is not None:
            self._server.close()
        self._server = None


_UNREADABLE = "the mail server must look like smtp://user:password@host:port or smtps://…"


def mailer_for(settings: Settings) -> Smtp | Maildir:
    """The mailer an operator asked for: SMTP where `SKRANKE_SMTP_URL` is set, else the maildir
    `mail` in the data directory. Raises `ValueError` for an SMTP address it cannot read."""
    if settings.smtp_url:
        return Smtp(settings.smtp_url.get_secret_value())
    return Maildir(settings.data_dir / "mail")


def written(message: Mail) -> bytes:
    """The mail as it travels (RFC 5322, MIME). Raises `MailRefused` for a malformed address."""
    try:
        return mime.write(
            message_id=message.message_id,
            sender=(message.from_name, message.from_address),
            recipient=(message.to_name, message.to_address),
            reply_to=message.reply_to,
            subject=message.subject,
            text=message.text,
            html=message.html,
            language=message.language,
            in_reply_to=message.in_reply_to,
            references=message.references,
            headers=message.headers,
        )
    except mime.MalformedAddress as error:
        raise MailRefused("malformed-address") from error


def _verdict(code: int, text: str) -> MailRefused | MailUnavailable:
    reason = _code(code, text)
    return MailRefused(reason) if 500 <= code < 600 else MailUnavailable(reason)


def _code(code: int, text: str) -> str:
    enhanced = _ENHANCED_CODE.search(text)
    return f"{code} {enhanced[0]}" if enhanced else str(code)


def _is_this_machine(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
