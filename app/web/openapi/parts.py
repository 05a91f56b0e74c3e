"""Pieces of the document that every operation points at: headers, parameters, security."""

from typing import Any

from app.web.credentials import COOKIE
from app.web.header_limit import LONGEST_FIELD

CLIENT_HEADER = "X-Skranke-Request"

JSONObject = dict[str, Any]


def ref(shelf: str, name: str) -> JSONObject:
    """A pointer to `name` on a shelf of `components`."""
    return {"$ref": f"#/components/{shelf}/{name}"}


def _text(limit: int, pattern: str | None = None) -> JSONObject:
    schema: JSONObject = {"type": "string", "maxLength": limit}
    return schema | {"pattern": pattern} if pattern else schema


def _header(description: str, schema: JSONObject, example: str | int) -> JSONObject:
    return {"description": description, "schema": schema, "example": example}


# What the service does not understand of these it leaves aside, so only HTTP itself bounds them.
ANYTHING = {"type": "string", "maxLength": LONGEST_FIELD, "pattern": r"^[^\u0000\r\n]*$"}
_OUR_ETAG = r'(W/)?"\d{1,10}-[0-9a-f]{16}"'
_SECONDS = {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1}
_ETAG = _text(200, r'^(W/)?"[\x21\x23-\x7E]*"$')
_MOMENT = {"type": "string", "maxLength": 64}

HEADERS: dict[str, JSONObject] = {
    "Access-Control-Allow-Origin": _header(
        "The caller's origin, where the tenant's list has it; else absent.",
        _text(2048),
        "https://portal.example",
    ),
    "Accept-Ranges": _header(
        "A part of the file may be asked for.", {"type": "string", "enum": ["bytes"]}, "bytes"
    ),
    "Content-Disposition": _header(
        "The file's name (RFC 6266); a browser saves it and does not show it.",
        _text(4096),
        "attachment; filename=\"log.txt\"; filename*=UTF-8''log.txt",
    ),
    "Content-Range": _header(
        "Which bytes these are, of how many (RFC 9110, 14.4).",
        _text(100, r"^bytes (\d+-\d+|\*)/\d+$"),
        "bytes 0-1023/146515",
    ),
    "Deprecation": _header(
        "Since when this is deprecated (RFC 9745).", _text(32, r"^@\d+$"), "@1798761600"
    ),
    "ETag": _header(
        "What `If-Match` and `If-None-Match` compare (RFC 9110, 8.8.3).",
        _ETAG,
        '"3-1f0c2b9a7d4e5f60"',
    ),
    "Idempotent-Replayed": _header(
        "`true` where this is the stored answer to an earlier request with the same key.",
        {"type": "string", "enum": ["true"]},
        "true",
    ),
    "Link": _header(
        'The next page, `rel="next"`, absent on the last one; where to sign out at a provider too,'
        ' `rel="end-session"` (RFC 8288); terms to be accepted, `rel="terms-of-service"`.',
        _text(8192),
        '</v1/tickets?limit=25&cursor=eyJrIjpb>; rel="next"',
    ),
    "Location": _header(
        "Where to go on; of what was made, its address with its id.",
        _text(2048) | {"format": "uri-reference"},
        "/v1/tickets/01990a5c-7c1e-7bb0-8d55-0c7a4f1f2a10",
    ),
    "RateLimit": _header(
        "What is left of the limit: `r` requests, anew in `t` seconds.",
        _text(200),
        '"requests";r=1187;t=41',
    ),
    "RateLimit-Policy": _header(
        "The limit: `q` requests in `w` seconds.", _text(200), '"requests";q=1200;w=60'
    ),
    "Retry-After": _header("Seconds to wait before asking again.", _SECONDS, 5),
    "Set-Cookie": _header(
        f"Sets or clears the session cookie `{COOKIE}` where it is delivered as one, and cookies"
        " that bind a way to sign in to its browser.",
        _text(4096),
        f"{COOKIE}=…; Path=/; Secure; HttpOnly; SameSite=Lax",
    ),
    "Sunset": _header(
        "When it will stop answering (RFC 8594).", _MOMENT, "Sat, 01 Jan 2028 00:00:00 GMT"
    ),
    "WWW-Authenticate": _header("How to sign in (RFC 6750).", _text(1000), "Bearer"),
    "X-Request-Id": _header(
        "The id of this request: yours where you sent one, else ours. It stands in our logs.",
        _text(200),
        "01990a5c-7c1e-7bb0-8d55-0c7a4f1f2a10",
    ),
}

ALWAYS = ("Access-Control-Allow-Origin", "RateLimit", "RateLimit-Policy", "X-Request-Id")


def _parameter(
    name: str, description: str, schema: JSONObject, *, required: bool = False
) -> JSONObject:
    # No examples: the reference would send them along.
    told: JSONObject = {"name": name, "in": "header", "description": description}
    return told | {"required": required, "schema": schema}


PARAMETERS: dict[str, JSONObject] = {
    "Accept-Language": _parameter(
        "Accept-Language",
        "The language of problems and labels (RFC 9110, 12.5.4): nb, sv, fi, da, it or en, such as"
        " `nb, en;q=0.5`. The language a person has chosen wins.",
        ANYTHING,
    ),
    "Idempotency-Key": _parameter(
        "Idempotency-Key",
        "Makes it safe to send the same request again: a word of your own, bare or quoted, anew"
        " for each new request; a random UUID is good. Remembered for at least 48 hours.",
        _text(257, r'^("[\x21\x23-\x7E]{1,255}"|[\x21\x23-\x7E]{1,255})$'),
    ),
    "If-Match": _parameter(
        "If-Match",
        'The `ETag` of what you read, such as `"3-1f0c2b9a7d4e5f60"`, or `*`. When somebody changed'
        " it since, the answer is 412.",
        _text(40, rf"^(\*|{_OUR_ETAG})$"),
    ),
    "If-Match-Required": _parameter(
        "If-Match",
        'The `ETag` of what you read, such as `"3-1f0c2b9a7d4e5f60"`; or `*`, to overwrite whatever'
        " is there. Without it the answer is 428; when somebody changed it since, 412.",
        _text(40, rf"^(\*|{_OUR_ETAG})$"),
        required=True,
    ),
    "If-None-Match": _parameter(
        "If-None-Match",
        "The `ETag` of what you have. When it is still the same, the answer is 304.",
        ANYTHING,
    ),
    "Range": _parameter(
        "Range",
        "One part of the file, such as `bytes=0-1023` (RFC 9110, 14.2).",
        ANYTHING,
    ),
}

SECURITY_SCHEMES: dict[str, JSONObject] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The access token of a session (`delivery: tokens`), which ends after"
        " `expires_in` seconds; or an API key. Opaque, and of no use once it is revoked. Where the"
        " portal's `access_tokens` say so, an access token of its Microsoft Entra directory for its"
        " API, a person's or a program's own, with the portal's slug in `X-Skranke-Portal`: it does"
        " what its permissions carry.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The session cookie of a browser (`delivery: cookie`).",
    },
    "client": {
        "type": "apiKey",
        "in": "header",
        "name": CLIENT_HEADER,
        "description": "Any value. Needed beside the session cookie on requests that change"
        " something: a page of another origin cannot send it.",
    },
}

_READS = frozenset({"get", "head", "options"})


def security_of(method: str, *, public: bool) -> list[dict[str, list[str]]]:
    """The ways a caller may prove himself to an operation; `{}` is nobody at all."""
    if public:
        return [{}]
    cookie: dict[str, list[str]] = {"session": []}
    return [{"bearer": []}, cookie if method in _READS else cookie | {"client": []}]
