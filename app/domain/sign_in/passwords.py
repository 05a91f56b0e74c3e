"""Passwords: what is accepted, and Argon2id in a pool as wide as the cores.

NIST SP 800-63B-4: length over composition, a look at what is easy to guess, NFKC.
"""

import functools
import os
import unicodedata
from collections.abc import Iterable

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from app.domain.sign_in.problems import PasswordTooEasy, PasswordTooLong, PasswordTooShort
from app.kernel.problems import Fault, Invalid

LEAST, MOST = 15, 128
#: What a guesser needs at least, as a power of ten (zxcvbn's estimate).
_GUESSES_LOG10 = 10.0
#: zxcvbn's own limit; what stands behind it only makes a password longer.
_LOOKED_AT = 72
#: OWASP's second recommendation: little memory, so that signing in is no attack on it.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@functools.cache
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(os.cpu_count() or 1)


@functools.cache
def _nobody() -> str:
    """A hash that no password fits, so that an unknown account takes as long as a known one."""
    return _hasher.hash(os.urandom(32))


def normal(password: str) -> str:
    """The password as it is hashed."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, context: Iterable[str], *, pointer: str = "/password") -> None:
    """Raise what is wrong with a new password. `context`: words a guesser would try first."""
    text = normal(password)
    if len(text) < LEAST:
        raise PasswordTooShort(
            least=LEAST, faults=(_fault(PasswordTooShort, pointer, least=LEAST),)
        )
    if len(text) > MOST:
        raise PasswordTooLong(most=MOST, faults=(_fault(PasswordTooLong, pointer, most=MOST),))
    words = [word for phrase in context for word in (phrase, *phrase.replace("@", " ").split())]
    if zxcvbn(text[:_LOOKED_AT], user_inputs=words)["guesses_log10"] < _GUESSES_LOG10:
        raise PasswordTooEasy(faults=(_fault(PasswordTooEasy, pointer),))


def _fault(kind: type[Invalid], pointer: str, **values: object) -> Fault:
    return Fault(code=kind.code, detail=kind.detail, pointer=pointer, values=values)


async def hashed(password: str) -> str:
    """The hash that is stored."""
    return await to_thread.run_sync(_hasher.hash, normal(password), limiter=_limiter())


async def fits(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one hashed; without a hash it takes as long, and is not."""

    def verify() -> bool:
        try:
            _hasher.verify(password_hash or _nobody(), normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    return await to_thread.run_sync(verify, limiter=_limiter())


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)
