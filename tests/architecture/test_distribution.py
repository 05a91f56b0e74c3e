"""What one process does together is found, wherever it moves."""

from pathlib import Path

import pytest

from tests import distribution

ROOT = Path(__file__).parent.parent.parent
FILES = [str(file.relative_to(ROOT)) for file in (ROOT / "tests").rglob("test_*.py")]


@pytest.mark.parametrize("start", distribution.TOGETHER)
def test_what_is_done_together_is_there(start: str) -> None:
    assert [file for file in FILES if file.startswith(start)], "nothing begins like that any more"


def test_a_file_is_done_by_one_process() -> None:
    one = "tests/routers/test_tickets.py"
    assert distribution.together(f"{one}::TestOpening::test_a[x::y]") == one
    journeys = {distribution.together(file) for file in FILES if "/journeys/" in file}
    assert journeys == {"journeys"}
