"""What has been mailed: the maildir that the product writes where no mail server is set."""

import email
import email.policy
import shutil
from email.message import EmailMessage
from pathlib import Path


class Mailbox:
    """A maildir, each letter read once however often it is asked for: a run writes thousands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: File → when it came, whom it is for, and the letter.
        self._read: dict[str, tuple[int, str, EmailMessage]] = {}

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """What has been mailed, oldest first; perhaps only to one address."""
        for file in (self._folder / "new").glob("*"):
            if file.name not in self._read:
                letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                self._read[file.name] = (file.stat().st_mtime_ns, str(letter["To"]), letter)
        in_order = sorted(self._read.items(), key=lambda entry: (entry[1][0], entry[0]))
        return [letter for _, (_, whom, letter) in in_order if to is None or to in whom]

    def empty(self) -> None:
        """Throw away what has been mailed."""
        self._read.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
