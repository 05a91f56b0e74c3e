"""Holds every HTTP exchange of the suite against the document.

`Contract(document)` knows what may be asked and answered; `contract.hook` and `contract.async_hook`
are response hooks for httpx2 clients. An answer that the document does not know (a status, a header
of ours, a media type, a field, a problem code) fails the test that got it, and so does a request
that the document forbids and the service took.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2

from tests.contract.document import Document, Operation

# Outside the contract by design: for operators and for reading.
UNDOCUMENTED_PATHS = (
    "/livez",
    "/readyz",
    "/metrics",
    "/docs",
    "/openapi.json",
    # Pages for people, not for programs.
    "/pages/",
    "/portals/",
    "/password-resets/",
    "/invitations/",
    "/registrations/",
)
# Fields of HTTP itself, which every server and cache may set.
HEADERS_OF_HTTP = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-expose-headers",
        "access-control-max-age",
        "age",
        "allow",
        "alt-svc",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "date",
        "keep-alive",
        "referrer-policy",
        "server",
        "strict-transport-security",
        "trailer",
        "transfer-encoding",
        "vary",
        "x-content-type-options",
        "x-frame-options",
    }
)
# Their RFCs have them ignore what they do not know.
PROTOCOLS = ("/oauth2/", "/.well-known/")
_PROBLEM = "application/problem+json"
# Where bytes of any kind are taken, their own type says the same more exactly.
_ANY_FILE = "application/octet-stream"
_OUTSIDE_OPERATIONS = {404: "route-not-found", 405: "method-not-allowed"}


class BrokenContract(AssertionError):
    """What was exchanged is not what the document says."""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as bytes on the wire. `body` is None where it was not read."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes | None
    status: int
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.url).path)


def media_type(headers: Mapping[str, str]) -> str:
    """The media type that headers name, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class Contract:
    """The document as a judge. `seen` counts what was exchanged: (operation id, status)."""

    document: Document
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Contract":
        """A judge by this OpenAPI document."""
        return cls(Document(document))

    def hook(self, response: httpx2.Response) -> None:
        """For `httpx2.Client(event_hooks={"response": [contract.hook]})`."""
        if _is_read(response):
            response.read()
        self.judge(_exchange(response))

    async def async_hook(self, response: httpx2.Response) -> None:
        """For `httpx2.AsyncClient(event_hooks={"response": [contract.async_hook]})`."""
        if _is_read(response):
            await response.aread()
        self.judge(_exchange(response))

    def judge(self, exchange: Exchange) -> None:
        """Raise `BrokenContract` with everything that is wrong with `exchange`."""
        complaints = list(self._complaints(exchange))
        if complaints:
            told = "\n  ".join(complaints)
            what = f"{exchange.method} {exchange.url} → {exchange.status}"
            shown = (exchange.body or b"")[:2000].decode(errors="replace")
            raise BrokenContract(f"{what}\n  {told}\n  answered: {shown}")

    def _complaints(self, exchange: Exchange) -> Iterator[str]:
        path = exchange.path
        if path == "/" or path.startswith(UNDOCUMENTED_PATHS) or exchange.method == "OPTIONS":
            return
        # HEAD is no operation of its own: it is answered as GET is (RFC 9110, 9.3.2), or 405.
        heads = exchange.method == "HEAD" and exchange.status != 405
        operation = self.document.operation("GET" if heads else exchange.method, path)
        if operation is None:
            yield from self._outside(exchange)
            return
        self.seen[operation.id, exchange.status] += 1
        if exchange.status >= 500 and exchange.status != 503:
            yield "the service failed; no request may bring it to that"
        response = operation.response(exchange.status)
        if response is None:
            yield f"{operation.id} does not document {exchange.status}"
            return
        yield from self._headers(exchange, response)
        yield from self._body(exchange, operation, response)
        if exchange.status < 400:
            yield from self._request(exchange, operation)

    def _outside(self, exchange: Exchange) -> Iterator[str]:
        code = _OUTSIDE_OPERATIONS.get(exchange.status)
        if code is None:
            yield "no operation of the document has this path and method, yet it was answered"
            return
        if media_type(exchange.headers) != _PROBLEM:
            yield f"a refusal must be {_PROBLEM}, not {exchange.headers.get('content-type')!r}"
            return
        if exchange.status == 405 and "allow" not in exchange.headers:
            yield "405 must name the methods in Allow"
        if exchange.method == "HEAD":
            return
        problem = json.loads(exchange.body or b"{}")
        yield from self.document.faults_of_problem(problem)
        if problem.get("code") != code:
            yield f"the code must be {code!r}, not {problem.get('code')!r}"

    def _headers(self, exchange: Exchange, response: dict[str, Any]) -> Iterator[str]:
        known = {name.lower() for name in response.get("headers", {})} | HEADERS_OF_HTTP
        for name in sorted({name.lower() for name in exchange.headers} - known):
            yield f"the header {name!r} is not documented for {exchange.status}"
        if "x-request-id" not in exchange.headers:
            yield "every answer carries X-Request-Id"

    def _body(
        self, exchange: Exchange, operation: Operation, response: dict[str, Any]
    ) -> Iterator[str]:
        if exchange.method == "HEAD":
            return
        documented = response.get("content", {})
        sent = media_type(exchange.headers)
        if not documented:
            if exchange.body or sent:
                yield f"{exchange.status} is documented without a body"
            return
        if not any(fnmatch(sent, kind) for kind in documented):
            yield f"{sent or 'nothing'} is not documented, but {' or '.join(documented)}"
            return
        if exchange.body is None or not sent.endswith("json"):
            return
        content = json.loads(exchange.body)
        for fault in operation.answer_faults(exchange.status, sent, content):
            yield f"the answer {fault}"
        codes = response.get("x-problem-codes")
        if codes is not None and content.get("code") not in codes:
            yield f"{operation.id} does not declare the problem {content.get('code')!r}"

    def _request(self, exchange: Exchange, operation: Operation) -> Iterator[str]:
        """What the document forbids of a request that the service took."""
        query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
        if exchange.path.startswith(PROTOCOLS):
            query = []
        for fault in operation.query_faults(query):
            yield f"the service took a query that the document forbids: {fault}"
        kind = media_type(exchange.request_headers)
        if exchange.request_body and kind.endswith("json"):
            for fault in operation.input_faults(kind, json.loads(exchange.request_body)):
                yield f"the service took a body that the document forbids: it {fault}"
        elif exchange.request_body and not {kind, _ANY_FILE} & set(operation.input_kinds):
            yield f"the service took {kind!r}, which the document does not know"


def _is_read(response: httpx2.Response) -> bool:
    kind = media_type(response.headers)
    return kind.endswith("json") or response.status_code in {204, 304}


def _exchange(response: httpx2.Response) -> Exchange:
    request = response.request
    try:
        body: bytes | None = request.content
    except httpx2.RequestNotRead:
        body = None
    return Exchange(
        method=request.method,
        url=str(request.url),
        request_headers=request.headers,
        request_body=body,
        status=response.status_code,
        headers=response.headers,
        body=response.content if _is_read(response) else None,
    )
