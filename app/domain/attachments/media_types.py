"""The media type of a file, detected from its bytes. Pure; nothing is ever unpacked.

A name or a Content-Type proves nothing: they only choose among kinds of plain text, and among the
old Office formats that share one container. What browsers would run (HTML, SVG) is recognized
whatever it is called, so that it is never taken for a picture or for plain text, and is refused by
the list below."""

import re
from collections.abc import Collection

import puremagic

#: How many bytes of a file's start and of its end `sniff` wants to see.
HEAD_BYTES = 64 * 1024
TAIL_BYTES = 64 * 1024

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

#: What an extension that puremagic answers means to us. Anything else is unknown.
_BINARY = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".heic": "image/heic",
    ".heif": "image/heic",
    ".avif": "image/avif",
    ".pdf": "application/pdf",
    ".rtf": "application/rtf",
    ".gz": "application/gzip",
    ".7z": "application/x-7z-compressed",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
    ".mp3": "audio/mpeg",
    ".mpga": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
}
_TEXT_BY_NAME = {
    ".csv": "text/csv",
    ".eml": "message/rfc822",
    ".json": "application/json",
    ".md": "text/markdown",
    ".ics": "text/calendar",
    ".vcf": "text/vcard",
}
#: Names under which text in an old eight-bit encoding (Excel's CSV, logs) is believed to be text.
_TEXT_NAMES = frozenset(_TEXT_BY_NAME) | {".txt", ".log", ".tsv", ".xml", ".sql", ".ini", ".srt"}
_OLD_OFFICE_BY_NAME = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
}
_MACROS = {
    "word/": "application/vnd.ms-word.document.macroenabled.12",
    "xl/": "application/vnd.ms-excel.sheet.macroenabled.12",
    "ppt/": "application/vnd.ms-powerpoint.presentation.macroenabled.12",
}
_OFFICE_BY_FOLDER = {
    "word/": _OFFICE + "wordprocessingml.document",
    "xl/": _OFFICE + "spreadsheetml.sheet",
    "ppt/": _OFFICE + "presentationml.presentation",
}

#: What is taken where the portal definition names no types of its own. Left out on purpose:
#: HTML, SVG, programs, Java archives, Office files with macros, and whatever is not recognized.
ALLOWED = frozenset(
    {
        "text/plain",
        "application/zip",
        *_BINARY.values(),
        *_TEXT_BY_NAME.values(),
        *_OLD_OFFICE_BY_NAME.values(),
        *_OFFICE_BY_FOLDER.values(),
        *(_OPEN_DOCUMENT + kind for kind in ("text", "spreadsheet", "presentation")),
    }
)
#: Types a browser may run: where a tenant takes them, they are still served as plain bytes.
RUN_BY_BROWSERS = frozenset({"text/html", "image/svg+xml", "application/xhtml+xml"})

_ZIP = b"PK\x03\x04"
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP_NAMES = re.compile(rb"PK\x03\x04.{22}(..).{2}|PK\x01\x02.{24}(..).{16}", re.DOTALL)
_COMPOUND_STREAMS = (
    ("__substg1.0_", "application/vnd.ms-outlook"),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# What browsers take for HTML (WHATWG MIME Sniffing, 7.1), and the elements SVG needs.
_MARKUP = re.compile(
    r"<(?:!doctype\s+(?P<doctype>html|svg)|(?:\w+:)?(?P<svg>svg)|html|head|script|iframe|h1|div"
    r"|font|table|a|style|title|b|body|br|p|img|meta|link|object|embed|form)(?=[\s>/])",
    re.IGNORECASE,
)
_PROLOGUE = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!doctype\s+(?!html|svg)[^>]*>)+", re.IGNORECASE | re.DOTALL
)
_NAMESPACES = {
    "http://www.w3.org/2000/svg": "image/svg+xml",
    "http://www.w3.org/1999/xhtml": "application/xhtml+xml",
}


def sniff(head: bytes, tail: bytes = b"", name: str = "") -> str | None:
    """The media type of a file that begins with `head` and ends with `tail`, or `None`.

    `head` and `tail` may overlap. Without `tail` a packed Office file may still be taken for one
    without macros: look again when the whole file has passed."""
    extension = _extension(name)
    if head.startswith(_ZIP):
        return _zip_kind(head + tail)
    if head.startswith(_COMPOUND_FILE):
        return _compound_kind(head + tail) or _OLD_OFFICE_BY_NAME.get(extension)
    if head.startswith((b"%PDF-", b"{\\rtf")):
        return "application/pdf" if head.startswith(b"%") else "application/rtf"
    text = _as_text(head, extension)
    if text is not None:
        return _markup_kind(text) or _TEXT_BY_NAME.get(extension, "text/plain")
    return _binary_kind(head)


def _extension(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()


def _binary_kind(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    # Sorted by confidence; a file may match several magics of one family (JPEG, MP4).
    found = (_BINARY.get(match.extension.lower()) for match in matches)
    return next((kind for kind in found if kind), None)


def _zip_names(data: bytes) -> set[str]:
    names = set()
    for match in _ZIP_NAMES.finditer(data):
        length = int.from_bytes(match[1] or match[2], "little")
        names.add(data[match.end() : match.end() + length].decode("utf-8", "replace"))
    return names


def _zip_kind(data: bytes) -> str:
    names = _zip_names(data)
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        return "application/java-archive"
    if data[30:38] == b"mimetype":  # OpenDocument, part 2, 3.3: first, and not compressed
        size = int.from_bytes(data[18:22], "little")
        kind = data[38 : 38 + min(size, 100)].decode("ascii", "replace")
        if kind.startswith(_OPEN_DOCUMENT):
            return kind
    if "[Content_Types].xml" in names:
        macros = any(name.endswith("vbaProject.bin") for name in names)
        for folder, kind in (_MACROS if macros else _OFFICE_BY_FOLDER).items():
            if any(name.startswith(folder) for name in names):
                return kind
    return "application/zip"


def _compound_kind(data: bytes) -> str | None:
    return next(
        (kind for stream, kind in _COMPOUND_STREAMS if stream.encode("utf-16-le") in data), None
    )


def _as_text(head: bytes, extension: str) -> str | None:
    """`head` as text, or `None`. UTF-8, UTF-16 with its mark, or eight bits under a text name."""
    head = head[: HEAD_BYTES - 4] if len(head) >= HEAD_BYTES else head
    encodings = ["utf-16"] if head.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig"]
    if extension in _TEXT_NAMES:
        encodings.append("latin-1")
    for encoding in encodings:
        text = _decoded(head, encoding)
        if text is not None and not _NOT_TEXT.search(text):
            return text
    return None


def _decoded(head: bytes, encoding: str) -> str | None:
    for cut in range(4):  # a character may be cut through at the end of the head
        try:
            return head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if error.end < len(head) - cut:
                return None
    return None


def _markup_kind(text: str) -> str | None:
    prologue = _PROLOGUE.match(text)
    rest = text[prologue.end() :] if prologue else text
    if not rest.startswith("<"):
        return None
    markup = _MARKUP.match(rest)
    if markup:
        is_svg = "svg" in {(markup["doctype"] or "").lower(), (markup["svg"] or "").lower()}
        return "image/svg+xml" if is_svg else "text/html"
    return next((kind for address, kind in _NAMESPACES.items() if address in text), None)


def is_allowed(media_type: str | None, allowed: Collection[str] = ()) -> bool:
    """Whether a file of that type is taken: by the tenant's own list, else by `ALLOWED`."""
    return media_type is not None and media_type in (allowed or ALLOWED)


def served_as(media_type: str) -> str:
    """The Content-Type to send such a file with: nothing that a browser would run."""
    return "application/octet-stream" if media_type in RUN_BY_BROWSERS else media_type
