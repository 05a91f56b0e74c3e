"""Logs: one JSON object a line on standard error, without personal data.

What may be logged is ids, codes, durations and names of ours. Names, addresses, subjects and
bodies of people never are; `_FORBIDDEN` is the net under that rule.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_FORBIDDEN = frozenset(
    {"email", "name", "subject", "body", "password", "token", "authorization", "cookie", "address"}
)


def _without_personal_data(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in _FORBIDDEN & entry.keys():
        entry[key] = "[removed]"
    return entry


def configure(level: str, form: str) -> None:
    """Set up logging for this process: `level` as in `logging`, `form` is `json` or `console`."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if form == "console"
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_personal_data,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")


def logger(room: str) -> Any:
    """The log of a room; `room` is its name."""
    return structlog.get_logger(room=room)
