"""Every setting is explained, where operators read."""

from pathlib import Path

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


@pytest.mark.parametrize(
    ("storage", "kept"),
    [
        pytest.param(None, True, id="by-default"),
        pytest.param("file:///srv/desk/attachments", True, id="named-as-the-default"),
        pytest.param("file:///srv/elsewhere", False, id="another-folder"),
        pytest.param("s3://desk", False, id="object-storage"),
    ],
)
def test_a_backup_holds_attachments_of_the_data_directory(storage: str | None, kept: bool) -> None:
    settings = Settings(data_dir=Path("/srv/desk"), storage_url=storage)
    assert settings.keeps_attachments is kept


def test_where_it_listens_is_not_where_people_reach_it() -> None:
    settings = Settings(public_url="https://support.example")
    assert (settings.base_url, settings.listening_address) == (
        "https://support.example",
        "http://127.0.0.1:8000",
    )
