"""How a run is shared out among its processes: by file, some files together, the longest first.

A file is done by one process, so that what is made for it is made once; what several files share,
or must not be beside itself, is done by one process too. The rest is in pytest-randomly's order.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

#: Beginnings of paths → what one process does, in the order in which it is begun. Whatever is long
#: comes first: at the end, nobody should wait for one who has just begun it.
TOGETHER = {
    "tests/faults/": "faults",  # they measure time, and would measure each other
    "tests/contract/test_fuzz.py": "fuzz",
    "tests/journeys/": "journeys",  # one served installation
    "tests/contract/test_linters.py": "linters",
    "tests/contract/test_": "contract",  # one served installation
    "tests/commands/test_restoring.py": "restoring",
    "tests/commands/test_run.py": "run",
    "tests/isolation/": "world",  # one world
    "tests/database/test_wall": "world",
    "tests/federation/": "federation",  # two providers, and a desk that knows them
    "tests/domain/approvals/": "approvals",  # a desk of their own
}


def together(test: str) -> str:
    """What is done by the process that does this test, by the test's node id."""
    path = test.partition("::")[0]
    return next((name for start, name in TOGETHER.items() if path.startswith(start)), path)


def longest_first(items: list[pytest.Item]) -> None:
    """Put what is long at the beginning; nothing else changes places."""
    places = {name: place for place, name in enumerate(dict.fromkeys(TOGETHER.values()))}
    items.sort(key=lambda item: places.get(together(item.nodeid), len(places)))


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Shares tests out by `together`. (xdist's own `loadgroup` does not see the groups of pytest
    9.2: pytest-dev/pytest-xdist#1386.)"""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)
