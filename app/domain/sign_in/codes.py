"""Codes of authenticator apps (RFC 6238), and recovery codes for when the app is lost. Pure."""

import secrets
from datetime import datetime

import pyotp

from app.kernel.secrets import fingerprint

#: Seconds a code is shown, and how many such steps a phone's clock may be off (RFC 6238, 5.2).
_STEP, _DRIFT = 30, 1
_RECOVERY_CODES = 10
#: Steps by which no code that is taken is before another: both drifts, and clocks that differ.
IMPOSSIBLE = 2 * _DRIFT + 2
#: Letters and digits that nobody takes for another.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> str:
    """A secret for an app: 160 bits, in base 32 (RFC 4226, 4)."""
    return pyotp.random_base32()


def address_of(secret: str, *, issuer: str, account: str) -> str:
    """The content of the QR code: an `otpauth:` URI."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The number of the time step whose code this is; `None` where it is the code of no step that
    is near."""
    totp = pyotp.TOTP(secret)
    typed = code.replace(" ", "")
    present = int(now.timestamp()) // _STEP
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of some 79 bits, in groups that can be written down and read."""
    return [
        _group("".join(secrets.choice(_ALPHABET) for _ in range(16)))
        for _ in range(_RECOVERY_CODES)
    ]


def recovery_fingerprint(code: str) -> bytes:
    """What is stored of a recovery code, however it was typed."""
    return fingerprint("".join(sign for sign in code.casefold() if sign.isalnum()))


def _group(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
