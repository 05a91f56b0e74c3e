"""Secrets: made here, stored as hashes, compared without leaking time; signatures and seals."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr


def new_token(prefix: str) -> str:
    """A secret of 256 bits a client may hold: `prefix` says what it is to whoever finds one."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def fingerprint(token: str) -> bytes:
    """What is stored of a token: its SHA-256. Enough, as tokens are random (no salt needed)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Signer:
    """Signs short texts (HMAC-SHA-256), each purpose with a key of its own."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key.get_secret_value().encode()

    def sign(self, purpose: str, text: str) -> str:
        """The signature of `text` for `purpose`: 32 characters of lower-case base32 (160 bits)."""
        key = hmac.digest(self._key, purpose.encode(), "sha256")
        digest = hmac.digest(key, text.encode(), "sha256")[:20]
        return base64.b32encode(digest).decode().lower()

    def verifies(self, purpose: str, text: str, signature: str) -> bool:
        """Whether `signature` is ours for `text` and `purpose`."""
        expected = self.sign(purpose, text).encode()
        return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


class Sealer:
    """Seals what must be read again and may stand in no backup in the clear (AES-256-GCM), each
    purpose with a key of its own."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key.get_secret_value().encode()

    def seal(self, purpose: str, text: str, *, bound_to: str) -> bytes:
        """`text`, sealed; opens only with the same `bound_to`, so that it cannot be moved."""
        nonce = os.urandom(12)
        sealed = self._cipher(purpose).encrypt(nonce, text.encode(), bound_to.encode())
        return nonce + sealed

    def open(self, purpose: str, sealed: bytes, *, bound_to: str) -> str:
        """What was sealed. Raises `SealBroken` where it was not, or not with this key."""
        try:
            found = self._cipher(purpose).decrypt(sealed[:12], sealed[12:], bound_to.encode())
        except InvalidTag as error:
            raise SealBroken(purpose) from error
        return found.decode()

    def _cipher(self, purpose: str) -> AESGCM:
        return AESGCM(hmac.digest(self._key, b"seal " + purpose.encode(), "sha256"))


class SealBroken(Exception):
    """Something sealed does not open: the installation's secret key is another one by now."""


def kept_key(file: Path) -> SecretStr:
    """The key that `file` holds; made, readable by its owner alone, where there is none yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as handle:
                handle.write(secrets.token_urlsafe(48))
    return SecretStr(file.read_text().strip())
