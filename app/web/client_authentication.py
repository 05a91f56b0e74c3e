"""Authentication of apps at the endpoints of RFC 6749: parameters, each once, and the secret in the
header or among them (2.3.1), never in both."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request

from app.domain.apps.problems import InvalidClient, InvalidRequest

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 50
_UNREADABLE = "the header cannot be read"
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="skranke"'}


@dataclass(frozen=True, slots=True)
class ClientCall:
    """The parameters that an app sent, and its client id and secret."""

    fields: Mapping[str, str]
    client_id: str
    secret: str | None

    def needed(self, name: str) -> str:
        """A required parameter. Raises `InvalidRequest`."""
        value = self.fields.get(name)
        if not value:
            raise InvalidRequest(f"{name} is needed")
        return value


async def client_call(request: Request) -> ClientCall:
    """The call of an app. Raises `InvalidRequest`, `InvalidClient`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise InvalidRequest(f"send {_FORM}")
    fields = _fields(await request.body())
    basic = _basic(request)
    sent_id, sent_secret = fields.get("client_id"), fields.get("client_secret")
    if basic is None:
        if not sent_id:
            raise InvalidClient("the client does not say who it is")
        return ClientCall(fields, sent_id, sent_secret)
    if sent_secret is not None or sent_id not in {None, basic[0]}:
        raise InvalidRequest("the client says twice who it is")
    return ClientCall(fields, *basic)


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise InvalidRequest("the form cannot be read") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidRequest("a parameter stands there twice")
    if any("\0" in value for value in found.values()):
        raise InvalidRequest("the form cannot be read")
    return found


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    try:
        decoded = base64.b64decode(sent.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidClient(_UNREADABLE, headers=_CHALLENGE) from error
    name, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise InvalidClient(_UNREADABLE, headers=_CHALLENGE)
    return unquote_plus(name), unquote_plus(secret)
