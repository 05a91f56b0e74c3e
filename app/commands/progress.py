"""What a command says while it works. On standard error, so that standard output stays clean."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(what: str) -> Iterator[Callable[[str], None]]:
    """Show that `what` is under way, then that it is done and how long it took.

    Yields a function that tells where in the step we are. Where nobody watches a terminal, it
    writes a line, at most once a second."""
    began = said = time.monotonic()
    with console.status(f"{what} …") as status:

        def tell(where: str) -> None:
            nonlocal said
            status.update(f"{what}: {where} …")
            if not console.is_terminal and time.monotonic() - said > 1:
                said = time.monotonic()
                console.print(f"  … {what}: {where}")

        yield tell
    console.print(f"[green]✓[/green] {what} [dim]({time.monotonic() - began:.1f} s)[/dim]")
