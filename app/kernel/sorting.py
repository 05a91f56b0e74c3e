"""How names are sorted where the database has no ICU: by a stored key, compared by code point."""

import unicodedata

#: Letters that Nordic alphabets put at the end, in Swedish and Finnish order for å ä ö; Danish
#: and Norwegian æ ø å fall beside their look-alikes, so that one order serves all.
_LAST = str.maketrans({"å": "{0", "ä": "{1", "æ": "{1", "ö": "{2", "ø": "{2"})
_LONGEST = 120


def sort_key(text: str) -> str:
    """The key `text` is sorted by: case and accents aside, å ä ö (æ ø) after z."""
    folded = unicodedata.normalize("NFC", text.strip()).casefold()[:_LONGEST].translate(_LAST)
    decomposed = unicodedata.normalize("NFKD", folded)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    # Cut again: one letter may have come apart into eighteen, and an index entry has its bounds.
    return plain[:_LONGEST]
