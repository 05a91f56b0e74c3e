"""Logs: one JSON object a line on standard error, without personal data.

What may be logged is ids, codes, durations and names of ours. Names, addresses, subjects and
bodies of people never are; `_FORBIDDEN` and `scrubbed` are the net under that rule, as what an
unforeseen error says is not ours to choose.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_FORBIDDEN = frozenset(
    {"email", "name", "subject", "body", "password", "token", "authorization", "cookie", "address"}
)
#: What else gives people away, and what is left of it.
_TELLING = (
    (
        re.compile(r"(DETAIL|CONTEXT|parameters):.*"),
        r"\1: [removed]",
    ),  # rows, as PostgreSQL shows them
    (re.compile(r"input_value=.*"), "input_value=[removed]"),  # input, as pydantic shows it
    (re.compile(r"[^\s\"'<>(),;=]+@[^\s\"'<>(),;=]+"), "[address]"),
    (re.compile(r"\bsk[a-z]_[A-Za-z0-9_-]{20,}"), "[secret]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+\S+"), r"\1 [secret]"),
)
#: Each of them has one of these in it. Most of what every request logs has none.
_HINT = re.compile(r"[@:=\s]|sk[a-z]_")


def scrubbed(text: str) -> str:
    """A text without addresses of people and secrets of ours, as far as they can be told."""
    if not _HINT.search(text):
        return text
    for pattern, left in _TELLING:
        text = pattern.sub(left, text)
    return text


class _StandardError:
    """Standard error as it is when something is written, whoever has put it elsewhere since."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _Scrubbing(logging.Formatter):
    """Takes personal data and secrets out of what libraries log."""

    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


def _without_personal_data(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in _FORBIDDEN & entry.keys():
        entry[key] = "[removed]"
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = scrubbed(value)
    return entry


def configure(level: str, form: str) -> None:
    """Set up logging for this process: `level` as in `logging`, `form` is `json`, `console`, or
    `auto`, which is `console` where standard error is a terminal."""
    for_people = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    )
    standard_error: Any = _StandardError()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            _without_personal_data,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(standard_error),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(standard_error)
    handler.setFormatter(_Scrubbing("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def logger(room: str) -> Any:
    """The log of a room; `room` is its name."""
    return structlog.get_logger(room=room)
