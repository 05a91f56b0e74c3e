"""The file in a request's body: the body itself, or the one file part of a form (RFC 7578).

Nothing is buffered: what arrives is passed on piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from app.kernel.problems import Fault, Problem
from app.web.problem_json import SENTENCES
from app.web.problems import InvalidInput

#: A client that sends nothing for so long has gone, or holds on to a place others need.
_PATIENCE_SECONDS = 60
#: Slower than any line people use: whoever trickles holds a place that others need.
_SLOWEST_BYTES_PER_SECOND = 8 * 1024
_FIELD = "file"


class UploadMalformed(Problem):
    """The form around the file cannot be read, or its end is missing."""

    code = "upload-malformed"
    status = 400
    title = "The upload cannot be read"
    detail = "{reason}"


class UploadStalled(Problem):
    """The client stopped sending in the middle."""

    code = "upload-stalled"
    status = 408
    title = "The upload came to a stop"
    detail = "Hardly anything arrived for a minute. Send the file again."


@dataclass(frozen=True, slots=True)
class FileBody:
    """A file on its way in: the name the client gave it, if any, and its bytes."""

    name: str
    stream: AsyncIterator[bytes]


async def open_file_body(request: Request) -> FileBody:
    """The file in the body. Raises `UploadMalformed`, `InvalidInput`; the stream may too."""
    arriving = _patiently(request.stream())
    kind, parameters = _parsed(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        name = _parsed(request.headers.get("content-disposition", ""))[1].get("filename", "")
        return FileBody(name, arriving)
    form = _Form(parameters.get("boundary", ""))
    first = b""
    while form.name is None and not form.ended:
        piece = await anext(arriving, b"")
        if not piece:
            break
        first += form.read(piece)
    if form.name is None:
        raise _invalid("required", "missing")
    return FileBody(form.name, _rest(form, first, arriving))


async def _rest(
    form: "_Form", first: bytes, arriving: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for piece in arriving:
        data = form.read(piece)
        if data:
            yield data
    if not form.ended:
        raise UploadMalformed(reason="The form breaks off before its end.")


async def _patiently(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    begun = asyncio.get_running_loop().time()
    size = 0
    while True:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise UploadStalled from error
        if piece is None:
            return
        size += len(piece)
        lasted = asyncio.get_running_loop().time() - begun
        if lasted > _PATIENCE_SECONDS and size < lasted * _SLOWEST_BYTES_PER_SECOND:
            raise UploadStalled
        if piece:
            yield piece


class _Form:
    """A form with one part, a file named `file`; anything else in it is refused."""

    def __init__(self, boundary: str) -> None:
        self.name: str | None = None
        self.ended = False
        self._header = ["", ""]
        self._disposition = ""
        self._data = bytearray()
        try:
            self._parser = MultipartParser(
                boundary.encode("latin-1"),
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
                    "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
                    "on_end": self._end,
                },
            )
        except (FormParserError, UnicodeEncodeError) as error:
            raise UploadMalformed(reason=_NO_BOUNDARY) from error
        if not boundary:
            raise UploadMalformed(reason=_NO_BOUNDARY)

    def read(self, piece: bytes) -> bytes:
        """The bytes of the file that `piece` of the body holds."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise UploadMalformed(reason="The form around the file is broken.") from error
        data = bytes(self._data)
        self._data.clear()
        return data

    def _begin_part(self) -> None:
        if self.name is not None:
            raise _invalid("too-many", "too_long", max_length=1)

    def _add(self, place: int, data: bytes) -> None:
        self._header[place] += data.decode("latin-1")

    def _end_header(self) -> None:
        if self._header[0].lower() == "content-disposition":
            self._disposition = self._header[1]
        self._header = ["", ""]

    def _end_headers(self) -> None:
        _, parameters = _parsed(self._disposition)
        field = parameters.get("name", "")
        if field != _FIELD:
            raise _invalid("unknown", "extra_forbidden", field=field)
        if "filename" not in parameters:
            raise InvalidInput(
                faults=(Fault(code="not-a-file", detail="This must be a file.", pointer="/file"),)
            )
        self.name = parameters["filename"]

    def _end(self) -> None:
        self.ended = True


_NO_BOUNDARY = "Its Content-Type names no usable boundary."


def _invalid(code: str, sentence: str, field: str = _FIELD, **values: int) -> InvalidInput:
    pointer = "/" + field.replace("~", "~0").replace("/", "~1")
    fault = Fault(code=code, detail=SENTENCES[sentence][1], pointer=pointer, values=values)
    return InvalidInput(faults=(fault,))


def _parsed(header: str) -> tuple[str, dict[str, str]]:
    """A header's value and its parameters, decoded; `name*=` (RFC 8187) wins over `name=`."""
    message = Message()
    message["content-disposition"] = header
    (kind, _), *rest = message.get_params([("", "")], header="content-disposition")
    plain: dict[str, str] = {}
    extended: dict[str, str] = {}
    for name, value in rest:
        if isinstance(value, tuple):
            extended[name.lower()] = _decoded(value[2])
        else:
            plain.setdefault(name.lower(), _decoded(value))
    return kind.lower(), {**plain, **extended}


def _decoded(text: str) -> str:
    """Header fields come as Latin-1; clients mean UTF-8 wherever it is that."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
