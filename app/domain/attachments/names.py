"""File names, made harmless when they come in and when they go out. Pure."""

import re
import unicodedata

LONGEST_BYTES = 255
_LONGEST_EXTENSION_BYTES = 20
_NAMELESS = "file"

# What makes a name read otherwise than it is: directions (UAX #9), invisible spaces and marks.
# The joiners U+200C and U+200D stay: scripts and emoji need them.
_MISLEADING = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_SPACES = re.compile(r"\s+")
_FORBIDDEN_ON_DISKS = re.compile(r'[<>:"|?*]')

#: Extensions at which a double click runs what is in the file, whatever its bytes are.
_RUN_BY_DESKTOPS = re.compile(
    r"\.(?:app|appimage|application|bat|bash|chm|cmd|com|command|cpl|csh|desktop|exe|fish|gadget"
    r"|hta|html?|img|inf|ins|iso|jar|jnlp|jse?|ksh|lnk|mht|mhtml|mjs|msc|ms[ip]|mst|pif|pl"
    r"|ps1|psc1|psm1|pyw?|rb|reg|scf|scr|sct|settingcontent-ms|sh|shtml|svgz?|swf|url|vb[es]?"
    r"|vhdx?|website|workflow|ws[cfh]?|xht|xhtml|zsh)",
    re.IGNORECASE,
)
_EXTENSION_OF = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "application/zip": "zip",
}


def clean_name(raw: str) -> str:
    """`raw` as a name that can be shown, stored and saved anywhere.

    Only what follows the last path separator (RFC 7578, 4.2); no control characters, no marks
    that change the direction of reading, no leading dots; at most 255 bytes of UTF-8 with the
    extension kept. Letters of every script stay. Where nothing is left: `file`."""
    # Spaces last: two of them may have had a control character between them.
    text = "".join(filter(_is_shown, _MISLEADING.sub("", raw.replace("\\", "/"))))
    text = unicodedata.normalize("NFC", _SPACES.sub(" ", text)).rstrip("/ ").rpartition("/")[2]
    text = _FORBIDDEN_ON_DISKS.sub("_", text).lstrip(". ").rstrip(". ")
    return _shortened(text) or _NAMELESS


def _is_shown(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cs"}


def _shortened(text: str) -> str:
    size = len(text.encode())
    if size <= LONGEST_BYTES:
        return text
    stem, dot, extension = text.rpartition(".")
    if not stem or len(extension.encode()) > _LONGEST_EXTENSION_BYTES:
        stem, dot, extension = text, "", ""
    ending = dot + extension
    room = LONGEST_BYTES - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + ending


def download_name(name: str, media_type: str) -> str:
    """The name a file is handed out under: as it came, unless a double click would run it.

    `login.js` becomes `login.js.txt`: what helps a developer stays readable, and nothing runs."""
    if not _RUN_BY_DESKTOPS.fullmatch(name, max(name.rfind("."), 0)):
        return name
    harmless = "txt" if media_type.startswith("text/") else "bin"
    ending = "." + _EXTENSION_OF.get(media_type, harmless)
    return name.encode()[: LONGEST_BYTES - len(ending)].decode("utf-8", "ignore") + ending
