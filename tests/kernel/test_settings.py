"""Every setting is explained, where operators read."""

import pytest
from pydantic import ValidationError

from app.kernel.settings import Settings
from tests.kernel import settings_table


def test_every_setting_says_what_it_does() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]
    assert silent == []


def test_the_operators_page_has_the_settings_that_there_are() -> None:
    assert settings_table.written() == settings_table.table(), (
        "write it anew: python -m tests.kernel.settings_table"
    )


@pytest.mark.parametrize(
    "spelling",
    ["*", "null", "portal.acme.example", "https://portal.acme.example/", "https://Portal.example"],
)
def test_what_no_browser_sends_as_an_origin_is_refused_at_the_start(spelling: str) -> None:
    with pytest.raises(ValidationError, match="is no origin"):
        Settings(allowed_origins=["https://portal.acme.example", spelling])


def test_an_origin_may_have_a_port() -> None:
    here = ["http://localhost:5173", "https://[::1]:8443"]
    assert Settings(allowed_origins=here).allowed_origins == here
