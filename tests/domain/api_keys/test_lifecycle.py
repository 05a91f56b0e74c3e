"""How a key is written, what a slip of the pen looks like, and how long keys live."""

import re
import zlib
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.api_keys.lifecycle import (
    BEGINNING,
    DEFAULT_DAYS,
    LONGEST_OVERLAP,
    MOST_DAYS,
    MOST_SECRETS,
    OVERLAP,
    environment_of,
    id_in,
    new_key,
    well_formed,
)

KEY_ID = UUID("01939b2e-7c00-7abc-8def-0123456789ab")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def base62(number: int, length: int) -> str:
    return "".join(DIGITS[number // 62**place % 62] for place in reversed(range(length)))


def written(key_id: int, environment: str = "live", secret: str = "s" * 43) -> str:
    """A key as the sign on the module's door describes it, written by hand."""
    start = f"skr_{environment}_{base62(key_id, 22)}_{secret}"
    return f"{start}_{base62(zlib.crc32(start.encode()), 6)}"


def test_a_key_is_written_as_scanners_for_leaks_know_it() -> None:
    for environment in ("live", "test"):
        key = new_key(environment, KEY_ID)
        secret = key.split("_")[3]
        assert key == written(KEY_ID.int, environment, secret)
        assert re.fullmatch(r"[0-9A-Za-z]{43}", secret)
        assert key.startswith(BEGINNING)
    assert BEGINNING == "skr_"


def test_each_key_has_a_secret_of_its_own_of_256_bits() -> None:
    secrets = {new_key("live", KEY_ID).split("_")[3] for _ in range(200)}
    assert len(secrets) == 200
    largest = max(sum(DIGITS.index(c) * 62**n for n, c in enumerate(s[::-1])) for s in secrets)
    assert 250 < largest.bit_length() <= 256


GOOD = written(KEY_ID.int)


@pytest.mark.parametrize(
    ("key", "good"),
    [
        (GOOD, True),
        (written(KEY_ID.int, "test"), False),
        (written(KEY_ID.int, "prod"), False),
        (f"{GOOD[:-1]}{'a' if GOOD[-1] != 'a' else 'b'}", False),
        (GOOD.replace("sss", "sst", 1), False),
        (GOOD[:-1], False),
        (f"{GOOD}\n", False),
        (f"x{GOOD}", False),
        (written(KEY_ID.int, secret="s" * 42), False),
        (written(KEY_ID.int, secret="s" * 44), False),
        (written(KEY_ID.int, secret="-" * 43), False),
        ("", False),
    ],
)
def test_a_slip_of_the_pen_is_no_key(key: str, good: bool) -> None:
    assert well_formed(key, "live") is good


def test_a_key_says_which_it_is_to_whoever_has_found_it() -> None:
    assert id_in(GOOD) == KEY_ID
    assert id_in(written(0)) == UUID(int=0)
    assert id_in(written((1 << 128) - 1)) == UUID(int=(1 << 128) - 1)
    assert id_in(written(1 << 128)) is None
    assert id_in(written(62**22 - 1)) is None
    assert id_in(GOOD[:-1]) is None
    # Whoever found it may have copied it badly.
    assert id_in(GOOD.replace("sss", "sst", 1)) == KEY_ID


def test_keys_of_a_trial_are_not_those_of_production() -> None:
    assert environment_of("production") == "live"
    assert environment_of("development") == environment_of("") == "test"


def test_keys_live_as_long_as_is_promised() -> None:
    assert (DEFAULT_DAYS, MOST_DAYS, MOST_SECRETS) == (90, 365, 2)
    assert (timedelta(days=7), timedelta(days=30)) == (OVERLAP, LONGEST_OVERLAP)
