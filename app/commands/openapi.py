"""`skranke openapi`: write the contract's documents, or tell whether they are up to date."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.contract_changes import breaking_changes
from app.commands.problem_catalogue import catalogue_text
from app.web.openapi import build, text_of

FOLDER = Path("openapi")
RELEASED = "released.json"


def documents() -> dict[str, str]:
    """File name → text of everything that is generated from the code."""
    from app.kernel.settings import Settings
    from app.main import create_app

    document = build(create_app(Settings()))
    return {"openapi.json": text_of(document), "problems.md": catalogue_text(document)}


def stale(folder: Path, texts: dict[str, str]) -> list[str]:
    """The files of `texts` that `folder` does not hold as they should be."""
    return [
        name
        for name, text in texts.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def openapi(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a file is not up to date.")
    ] = False,
    release: Annotated[
        bool,
        typer.Option("--release", help="Keep this document as the released one to compare with."),
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the documents live.")] = FOLDER,
) -> None:
    """Write openapi.json and problems.md from the code, and name what breaks clients."""
    texts = documents()
    outdated = stale(folder, texts)
    if check and outdated:
        names = ", ".join(str(folder / name) for name in outdated)
        typer.echo(f"Not what the code says any more: {names}. Run `skranke openapi`.", err=True)
        raise typer.Exit(1)
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        typer.echo(f"Written: {', '.join(str(folder / name) for name in texts)}")
    _tell_what_breaks(folder, texts["openapi.json"])
    if release:
        (folder / RELEASED).write_text(texts["openapi.json"], encoding="utf-8")
        typer.echo(f"Released: {folder / RELEASED}. Tell people in {folder / 'CHANGELOG.md'}.")


def _tell_what_breaks(folder: Path, text: str) -> None:
    import json

    released = folder / RELEASED
    if not released.exists():
        typer.echo(f"No released document yet ({released}), so nothing can break.")
        return
    changes = breaking_changes(json.loads(released.read_text(encoding="utf-8")), json.loads(text))
    typer.echo("\n".join(changes) or "Nothing breaks clients of the released document.")
