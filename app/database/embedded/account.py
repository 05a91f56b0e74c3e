"""As whom PostgreSQL runs. It refuses to run as root, so root lends it a system user."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.database.embedded.errors import EmbeddedPostgresError

SYSTEM_USER = "skranke"
_USERADD = (
    "useradd",
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir=/nonexistent",
    "--shell=/usr/sbin/nologin",
)
# Names the first folder that may not be entered, else answers 0.
_FIRST_CLOSED = 'for place; do test -x "$place" || { printf %s "$place"; exit 1; }; done'


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine. `borrowed`: we are root and start programs as that user."""

    name: str
    uid: int
    gid: int
    borrowed: bool

    def run_as(self) -> dict[str, Any]:
        """What `subprocess` must be told to start a program as this user."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        settings: dict[str, Any] = {"env": environment, "cwd": "/"}
        if self.borrowed:
            settings |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return settings

    def give(self, path: Path) -> None:
        """Make the user the owner of `path`, where he is not us."""
        if self.borrowed:
            os.chown(path, self.uid, self.gid)

    def require_way_to(self, path: Path, *, advice: str) -> None:
        """Refuse, naming the closed folder, where a borrowed user cannot get to `path`."""
        if not self.borrowed:
            return
        places = [*reversed(path.parents), path]
        answer = subprocess.run(
            ["/bin/sh", "-c", _FIRST_CLOSED, "sh", *places],
            capture_output=True,
            text=True,
            check=False,
            **self.run_as(),
        )
        if answer.returncode:
            raise EmbeddedPostgresError(
                f'Started as root, PostgreSQL runs as the user "{self.name}", who may not enter'
                f" {answer.stdout or path} on the way to {path}. {advice}"
            )


def account_for(directory: Path) -> Account:
    """As whom the server of `directory` runs: ourselves, or as root its owner or a system user."""
    uid = os.geteuid()
    if uid != 0:
        return Account(_name(uid), uid, os.getegid(), borrowed=False)
    owner = directory.stat() if directory.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(_name(owner.st_uid), owner.st_uid, owner.st_gid, borrowed=True)
    return _system_user()


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # containers run as numbers without a name
        return str(uid)


def _system_user() -> Account:
    entry = _find_system_user()
    if entry is None:
        reason = _make_system_user()
        entry = _find_system_user()
        if entry is None:
            raise EmbeddedPostgresError(
                f'PostgreSQL does not run as root, and the system user "{SYSTEM_USER}" for it'
                f" could not be made ({reason}). Start as an ordinary user."
            )
    return Account(SYSTEM_USER, entry.pw_uid, entry.pw_gid, borrowed=True)


def _find_system_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _make_system_user() -> str:
    try:
        answer = subprocess.run(
            [*_USERADD, SYSTEM_USER], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "there is no program useradd"
    return answer.stderr.strip()
