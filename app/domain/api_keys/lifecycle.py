"""The pure rules: how a key is written, how long it lives.

`skr_<env>_<key id>_<secret>_<checksum>`: the beginning tells scanners for leaked secrets what they
found, the id tells the operator which key it is, and the checksum (CRC-32) tells a slip of the pen
from a key that has ended before any database is asked. It guards against slips, against nobody.
"""

import re
import secrets
import string
import zlib
from datetime import timedelta
from typing import Literal
from uuid import UUID

DEFAULT_DAYS = 90
MOST_DAYS = 365
#: How long the earlier secret stays good when a key is rotated.
OVERLAP = timedelta(days=7)
LONGEST_OVERLAP = timedelta(days=30)
#: Secrets of one key that are good at the same time.
MOST_SECRETS = 2

BEGINNING = "skr_"
Environment = Literal["live", "test"]
_DIGITS = string.digits + string.ascii_letters
_ID, _SECRET, _CHECKSUM = 22, 43, 6
_WRITTEN = re.compile(
    rf"skr_(live|test)_([0-9A-Za-z]{{{_ID}}})_[0-9A-Za-z]{{{_SECRET}}}_([0-9A-Za-z]{{{_CHECKSUM}}})"
)


def environment_of(kind: str) -> Environment:
    """What keys of an installation begin with: one in production takes none of a trial's."""
    return "live" if kind == "production" else "test"


def new_key(environment: Environment, key_id: UUID) -> str:
    """A new secret of 256 bits for the key with this id, as a script is given it."""
    secret = _base62(secrets.randbits(256), _SECRET)
    written = f"{BEGINNING}{environment}_{_base62(key_id.int, _ID)}_{secret}"
    return f"{written}_{_checksum(written)}"


def well_formed(key: str, environment: Environment) -> bool:
    """Whether this may be a key of this installation: rightly written, without a slip."""
    match = _WRITTEN.fullmatch(key)
    return (
        match is not None
        and match[1] == environment
        and match[3] == _checksum(key[: -_CHECKSUM - 1])
    )


def id_in(key: str) -> UUID | None:
    """Which key this is, for whoever has found it; `None` for what is none."""
    match = _WRITTEN.fullmatch(key)
    if match is None:
        return None
    number = 0
    for digit in match[2]:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return UUID(int=number) if number < 1 << 128 else None


def _checksum(written: str) -> str:
    return _base62(zlib.crc32(written.encode()), _CHECKSUM)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
