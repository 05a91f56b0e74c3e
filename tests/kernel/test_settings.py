"""Every setting is explained, where operators read."""

from app.kernel.settings import Settings
from tests.kernel import settings_table


def test_every_setting_says_what_it_does() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]
    assert silent == []


def test_the_operators_page_has_the_settings_that_there_are() -> None:
    assert settings_table.written() == settings_table.table(), (
        "write it anew: python -m tests.kernel.settings_table"
    )
