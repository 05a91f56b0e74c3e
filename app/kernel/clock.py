"""The one clock. Everything that asks what time it is asks here, so tests can set it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path


def _wall_clock() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _wall_clock
_stopped_at: ContextVar[datetime | None] = ContextVar("_stopped_at", default=None)


def now() -> datetime:
    """The present moment, in UTC."""
    return _stopped_at.get() or _source()


def read_from(file: Path) -> None:
    """Let the clock show the RFC 3339 time that stands in `file`, read anew at each look.

    While the file is missing or empty the clock shows the true time."""

    def read() -> datetime:
        try:
            text = file.read_text().strip()
        except FileNotFoundError:
            text = ""
        return datetime.fromisoformat(text).astimezone(UTC) if text else _wall_clock()

    set_source(read)


def set_source(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source` (aware, UTC); `None` goes back to the true time."""
    global _source
    _source = source or _wall_clock


@contextmanager
def stopped_at(moment: datetime) -> Iterator[Callable[[datetime], object]]:
    """For the block, and for this task alone, show `moment` (aware, UTC); everybody else goes on.

    Yields what moves it to another moment."""
    token = _stopped_at.set(moment)
    try:
        yield _stopped_at.set
    finally:
        _stopped_at.reset(token)
