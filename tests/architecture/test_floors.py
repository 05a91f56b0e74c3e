"""The contracts of import-linter find what breaks them (that they hold is `make floors`)."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LINTER = Path(sys.executable).with_name("lint-imports")


@pytest.mark.slow
def test_planted_imports_are_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = {
        "app/kernel/ids.py": "from app.models import tickets as _tickets\n",
        "app/domain/people/policy.py": "import fastapi as _fastapi\n",
        "app/domain/attachments/policy.py": "from app.domain.tickets import policy as _policy\n",
    }
    for name, line in planted.items():
        with (tmp_path / name).open("a", encoding="utf-8") as module:
            module.write(line)
    told = subprocess.run(
        [_LINTER, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode != 0
    for importer, imported in (
        ("app.kernel.ids", "app.models"),
        ("app.domain.people.policy", "fastapi"),
        ("app.domain.attachments.policy", "app.domain.tickets"),
    ):
        assert f"{importer} -> {imported}" in told.stdout, told.stdout[-3000:]


def test_the_map_names_floors_and_rooms_as_the_contracts_do() -> None:
    written = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = written["tool"]["importlinter"]["contracts"]
    floors, rooms = (
        [re.findall(r"\w+", layer) for layer in each["layers"]]
        for name in ("floors", "rooms")
        for each in contracts
        if each["id"] == name
    )
    text = (ROOT / "app" / "README.md").read_text()
    block = text.split("```")[1].strip().splitlines()
    assert [re.findall(r"\w+", re.split(r"\s{2,}", line)[0]) for line in block] == floors
    told = re.search(r"Inside `domain`, top to bottom:(.*?)\. Inside a room:", text, re.DOTALL)
    assert told
    layers = re.findall(r"`([^`]+)`", told[1])
    assert [re.findall(r"\w+", layer) for layer in layers] == rooms
