"""The pages' commands are run as they stand there, and answer what stands there."""

import pytest

from tests.journeys.snippets import ROOT, blocks, shell
from tests.served import Served

#: Page → the heading after which commands are for a served installation.
PAGES = {
    "README.md": "## A tour in five minutes",
    "docs/frontend-teams.md": "# For frontend teams",
    "docs/integrators.md": "# For integrators",
    "docs/mobile-developers.md": "# For mobile developers",
    "docs/portal-definitions.md": "# Portal definitions",
}


@pytest.mark.timeout(300)  # the operator's commands are processes of their own
@pytest.mark.parametrize("page", PAGES)
def test_a_page_answers_what_it_says(served: Served, page: str) -> None:
    found = blocks(ROOT / page, after=PAGES[page])
    assert any(block.answer for block in found)
    with shell(served) as reader:
        for block in found:
            said = reader.run(block.commands)
            if block.answer is not None:
                told = f"{block.commands}\n{said}"
                assert block.answer_fits(said), told
