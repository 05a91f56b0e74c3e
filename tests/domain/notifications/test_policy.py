"""Who is told of what, as the tables of the rules have it."""

import pytest

from app.domain.notifications.policy import (
    may_be_mailed,
    told_of_comment,
    told_of_opening,
    told_of_promise,
    told_of_status,
)


@pytest.mark.parametrize(
    ("visibility", "side", "circles"),
    [
        ("public", "customer", ("desk",)),
        ("public", "agent", ("requester", "participants")),
        ("public", "system", ("requester", "participants")),
        ("private", "customer", ("desk",)),
        ("internal", "agent", ("assignee",)),
        ("unheard_of", "agent", ()),
    ],
)
def test_the_other_side_is_told_of_a_comment(
    visibility: str, side: str, circles: tuple[str, ...]
) -> None:
    assert told_of_comment(visibility, side) == circles


def test_the_other_side_is_told_of_a_move_and_the_desk_of_all_that_is_new_or_late() -> None:
    assert told_of_status("customer") == told_of_opening("customer") == ("desk",)
    assert told_of_status("agent") == told_of_status("system") == ("requester", "participants")
    assert told_of_opening("agent") == ("requester", "desk")
    assert told_of_promise() == ("desk",)


@pytest.mark.parametrize(
    ("state", "muted", "mailed"),
    [
        ("active", False, True),
        ("invited", False, True),
        ("inactive", False, False),
        ("active", True, False),
        ("inactive", True, False),
    ],
)
def test_somebody_is_mailed_unless_he_has_left_or_wants_none(
    state: str, muted: bool, mailed: bool
) -> None:
    assert may_be_mailed(state, muted=muted) is mailed
