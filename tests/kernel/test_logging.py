"""What reaches the log: nothing that gives people away, whoever says it."""

import logging
import subprocess
import sys

import pytest

from app.kernel.logging import _Scrubbing, scrubbed

ADDRESS = "member@acme.example"
TOKEN = "skl_Yd7ZyhWzxlFtIeD5JqDgQZYzfSb0gO-vW1BSacvAF_I"


@pytest.mark.parametrize(
    "said",
    [
        f"cannot write to <{ADDRESS}>",
        f"member={ADDRESS};",
        f"GET /v1/password-resets/{TOKEN} failed",
        f"Authorization: Bearer {TOKEN}",
        "Authorization: Basic bWVtYmVyOnBhc3M=",
        f"duplicate key\nDETAIL:  Key (tenant_id, email_key)=(1, {ADDRESS}) already exists.",
        "null value\nDETAIL:  Failing row contains (1, Åse Ødegård, +4791234567).",
        "[parameters: {'name': 'Åse Ødegård'}]",
        "1 validation error\n  [type=string_type, input_value='Åse Ødegård', input_type=str]",
    ],
)
def test_addresses_names_and_secrets_do_not_get_into_the_log(said: str) -> None:
    told = scrubbed(said)
    for telling in (ADDRESS, TOKEN, "bWVtYmVy", "Åse", "+4791234567"):
        assert telling not in told
    assert "[" in told


@pytest.mark.parametrize(
    "said",
    [
        "unforeseen",
        "app/web/route.py:120",
        "/v1/portals/{portal}/sessions",
        "01a201b8-d515-73f7-ae81-912344f33f76",
        "psycopg.errors.UniqueViolation: duplicate key value violates uq_people",
        "sky_is_blue_over_town",
    ],
)
def test_what_helps_an_operator_stays(said: str) -> None:
    assert scrubbed(said) == said


def test_errors_that_libraries_log_are_scrubbed_too() -> None:
    with pytest.raises(ValueError, match="base 10") as caught:
        int(ADDRESS)
    error = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("x", logging.ERROR, "", 1, "of %s", (TOKEN,), error)
    told = _Scrubbing("%(name)s: %(message)s").format(record)
    assert "base 10: '[address]'" in told
    assert "of [secret]" in told


def test_a_process_writes_no_personal_data_whichever_way_it_logs() -> None:
    program = f"""
import logging
from app.kernel.logging import configure, logger
configure("INFO", "json")
logger("test").info("said", email="{ADDRESS}", note="for {ADDRESS}")
try:
    raise RuntimeError("DETAIL: Key (email_key)=({ADDRESS}) {TOKEN}")
except RuntimeError:
    logger("test").exception("unforeseen")
    logging.getLogger("library").exception("failed for {ADDRESS}")
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stderr.count("Traceback") == 2
    assert ADDRESS not in ran.stderr + ran.stdout
    assert TOKEN not in ran.stderr + ran.stdout
