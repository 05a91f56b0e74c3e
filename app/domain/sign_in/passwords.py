"""Passwords: which are accepted, and hashing with Argon2id in a pool as wide as the cores.

NIST SP 800-63B-4: length instead of composition rules, a check against guessing, NFKC."""

import asyncio
import functools
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.sign_in.problems import PasswordTooEasy, PasswordTooLong, PasswordTooShort
from app.kernel.problems import Fault, Invalid

LEAST, MOST = 15, 128
#: What a guesser needs at least, as a power of ten (zxcvbn's estimate).
_GUESSES_LOG10 = 10.0
#: What stands behind it only makes a password longer; zxcvbn's time grows with its square.
_LOOKED_AT = 48
#: zxcvbn tries every way to read signs as letters: 736 ways, and many seconds, for one made to.
#: Beyond as many as digits have, signs are taken for the digits that stand for the same letters.
_MOST_WAYS = 6
_SAME_LETTER = str.maketrans("@{[<!|$+", "4(((1157")
_WORD = re.compile(r"\w+")
#: Shorter words of a context stand in every sentence.
_TELLING = 3
#: How many different characters must be left of a password beside the words of its context.
_LEAST_BESIDE = 8
#: As `nice` has it: a tenth of what others get who want the same processor.
_LOW_PRIORITY = 10
Result = TypeVar("Result")
#: OWASP's second recommendation: little memory, so that signing in is no attack on it.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), "argon2", initializer=_give_way)


def _give_way() -> None:
    """Lower the priority of this thread, so that everything else here and in PostgreSQL has the
    processor first."""
    if sys.platform == "linux":  # elsewhere a priority is the whole process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOW_PRIORITY)


async def _apart(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_pool(), work)


@functools.cache
def _one_at_a_time() -> CapacityLimiter:
    """For zxcvbn, which keeps the words of a context in a global dictionary."""
    return CapacityLimiter(1)


@functools.cache
def _nobody() -> str:
    """A hash that no password matches, so that an unknown account takes as long as a known one."""
    return _hasher.hash(os.urandom(32))


def normal(password: str) -> str:
    """The password in the Unicode form (NFKC) in which it is hashed and compared."""
    return unicodedata.normalize("NFKC", password)


async def accept(password: str, context: Iterable[str]) -> None:
    """Raise `PasswordTooShort`, `PasswordTooLong` or `PasswordTooEasy` (to guess). `context`: words
    an attacker would try first, such as the address and the portal's name."""
    text = normal(password)
    if len(text) < LEAST:
        raise PasswordTooShort(least=LEAST, faults=(_fault(PasswordTooShort, least=LEAST),))
    if len(text) > MOST:
        raise PasswordTooLong(most=MOST, faults=(_fault(PasswordTooLong, most=MOST),))
    words = sorted({word for phrase in context for word in _words(phrase)}, key=len, reverse=True)
    if await to_thread.run_sync(easy_to_guess, text, words, limiter=_one_at_a_time()):
        raise PasswordTooEasy(faults=(_fault(PasswordTooEasy),))


def easy_to_guess(text: str, words: Sequence[str] = ()) -> bool:
    """Whether somebody who knows `words` of its owner (longest first) would guess it too soon."""
    folded = beside = text.casefold()
    for word in words:
        beside = beside.replace(word, "")
    if beside != folded and len(set(beside)) < _LEAST_BESIDE:
        return True
    # Here, as it brings twelve MiB of words that most processes never look at.
    from zxcvbn import zxcvbn  # noqa: PLC0415
    from zxcvbn.matching import (  # noqa: PLC0415
        L33T_TABLE,
        enumerate_l33t_subs,
        relevant_l33t_subtable,
    )

    looked_at = text[:_LOOKED_AT]
    if len(enumerate_l33t_subs(relevant_l33t_subtable(looked_at, L33T_TABLE))) > _MOST_WAYS:
        looked_at = looked_at.translate(_SAME_LETTER)
    return bool(zxcvbn(looked_at, user_inputs=words)["guesses_log10"] < _GUESSES_LOG10)


def _words(phrase: str) -> Iterator[str]:
    """A phrase, its words, and its words in one."""
    folded = normal(phrase).casefold()
    words = _WORD.findall(folded)
    for word in (folded, "".join(words), *words):
        if len(word) >= _TELLING:
            yield word


def _fault(kind: type[Invalid], **values: object) -> Fault:
    return Fault(code=kind.code, detail=kind.detail, pointer="/password", values=values)


async def hashed(password: str) -> str:
    """The hash that is stored."""
    return await _apart(lambda: _hasher.hash(normal(password)))


async def fits(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one hashed; without a hash it takes as long, and is not."""

    def verify() -> bool:
        of_nobody = _nobody()  # made once, so asked for either way
        try:
            _hasher.verify(password_hash or of_nobody, normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    return await _apart(verify)


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)
