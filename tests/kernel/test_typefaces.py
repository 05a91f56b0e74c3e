"""Typefaces of portals, as browsers and mail programs understand them."""

import pytest

from app.kernel.typefaces import font_stack


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        (
            "Source Sans 3, Segoe UI, sans-serif",
            "'Source Sans 3', 'Segoe UI', system-ui",
            "sans-serif",
        ),
        ("'Source Sans 3'", "'Source Sans 3', system-ui", "sans-serif"),
        ("Georgia, serif", "'Georgia', system-ui", "serif"),
        (None, "system-ui", "sans-serif"),
    ],
)
def test_names_stand_in_quotes_before_those_of_systems(
    wanted: str | None, first: str, last: str
) -> None:
    stack = font_stack(wanted)
    assert stack.startswith(first)
    assert stack.endswith(f", {last}")
