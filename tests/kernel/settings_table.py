"""The table of settings in `docs/operating.md`, written from the settings themselves.

`python -m tests.kernel.settings_table` writes it anew.
"""

import re
from pathlib import Path
from typing import Any

from app.kernel.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
_TABLE = re.compile(r"^\| setting \|.*?(?=^\n)", re.MULTILINE | re.DOTALL)


def table() -> str:
    """The table: each variable, what it does, and what it is where it is not set."""
    lines = ["| setting | what it does | default |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = _told(field.get_default(call_default_factory=True))
        lines.append(f"| `SKRANKE_{name.upper()}` | {field.description} | {default} |")
    return "\n".join(lines) + "\n"


def _told(value: Any) -> str:
    return "–" if value is None or value == [] else f"`{value}`"


def written() -> str:
    """The table as it stands in the page."""
    found = _TABLE.search(PAGE.read_text())
    return found[0] if found else ""


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: table(), PAGE.read_text()))
