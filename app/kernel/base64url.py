"""Base64url without padding, as tokens, cursors and challenges are written (RFC 7515, 2)."""

import base64


def encode(data: bytes) -> str:
    """`data` as text of letters, digits, `-` and `_`."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
