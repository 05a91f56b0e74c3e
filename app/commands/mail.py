"""`skranke mail`: read the mails that were written to the data directory's maildir."""

from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated

import typer

_LAST = "last"


def mail(
    which: Annotated[
        str | None,
        typer.Argument(help="Number of a mail as the list shows it, or `last`; none for the list."),
    ] = None,
    *,
    html: Annotated[
        bool, typer.Option("--html", help="Show the HTML, as for `> mail.html`, not the text.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Show the whole mail as it travels.")] = False,
    to: Annotated[
        str | None, typer.Option(help="Only mails to addresses that contain this.")
    ] = None,
) -> None:
    """List the mails that were sent, oldest first, or show one of them."""
    from app.kernel.settings import Settings

    settings = Settings()
    folder = settings.data_dir / "mail"
    files = mails_in(folder)
    if settings.smtp_url:
        typer.echo("SKRANKE_SMTP_URL is set: mails go to that server and are not kept.", err=True)
    if which is None:
        _list(files, to or "", folder)
        return
    if which == _LAST and to:
        files = [file for file in files if _is_to(read(file), to)]
    chosen = _chosen(files, which)
    if raw:
        typer.echo(harmless(chosen.read_text(encoding="ascii", errors="replace")), nl=False)
    else:
        typer.echo(shown(read(chosen), html=html))


def mails_in(folder: Path) -> list[Path]:
    """The mails of a maildir in the order they were delivered."""
    found = [*(folder / "new").glob("*.eml*"), *(folder / "cur").glob("*.eml*")]
    return sorted(found, key=lambda file: file.name)


def read(file: Path) -> EmailMessage:
    """One mail, parsed."""
    from email.policy import default

    return message_from_bytes(file.read_bytes(), policy=default)


def shown(message: EmailMessage, *, html: bool) -> str:
    """A mail for the eye: its HTML alone, or head and text."""
    part = message.get_body(("html",) if html else ("plain",))
    content = harmless(str(part.get_content())) if part else ""
    if html:
        return content
    names = ("Date", "From", "To", "Reply-To", "Subject")
    head = [f"{name}: {harmless(str(message[name]))}" for name in names if message[name]]
    return "\n".join([*head, "", content])


def harmless(text: str) -> str:
    """`text` without what could command a terminal: what a customer wrote is shown, not obeyed."""
    text = text.replace("\r\n", "\n")
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "�" for sign in text)


def _list(files: list[Path], to: str, folder: Path) -> None:
    if not files:
        typer.echo(f"No mail yet. Mails are written to {folder / 'new'}.")
    for number, file in enumerate(files, start=1):
        message = read(file)
        if _is_to(message, to):
            about = f"{message['To']}: {message['Subject']}"
            typer.echo(f"{number:4}  {message['Date']}  {harmless(about)}")


def _is_to(message: EmailMessage, address: str) -> bool:
    return address.lower() in str(message["To"]).lower()


def _chosen(files: list[Path], which: str) -> Path:
    number = len(files) if which == _LAST else int(which) if which.isdecimal() else 0
    if not 1 <= number <= len(files):
        typer.echo(f"There is no mail {which}: `skranke mail` lists those there are.", err=True)
        raise typer.Exit(1)
    return files[number - 1]
