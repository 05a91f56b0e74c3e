"""Secrets that a portal definition names and the installation keeps.

They are found under the portal's own slug, so that no definition can name another tenant's: the
variable `SKRANKE_SECRET__<PORTAL>__<NAME>` or the file `<portal>/<name>` in `SKRANKE_SECRETS_DIR`.
"""

import os
from pathlib import Path

from pydantic import SecretStr

_MOST_BYTES = 10_000


def variable_of(portal: str, name: str) -> str:
    """The variable that holds a secret. Neither slugs nor names hold two hyphens in a row."""
    spelled = (part.upper().replace("-", "_") for part in (portal, name))
    return f"SKRANKE_SECRET__{'__'.join(spelled)}"


def named_secret(folder: Path | None, portal: str, name: str) -> SecretStr | None:
    """The secret that a portal calls `name`; `None` where nobody has set it down."""
    value = os.environ.get(variable_of(portal, name), "")
    if not value and folder is not None:
        file = folder / portal / name
        if file.is_file() and file.stat().st_size <= _MOST_BYTES:
            value = file.read_text(encoding="utf-8").strip()
    return SecretStr(value) if value else None
