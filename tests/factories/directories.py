"""Directories at Microsoft Entra ID that a portal of the tests takes people from."""

from uuid import uuid4

from tests.factories.definitions import Bend, Document
from tests.providers.entra import Entra

DIRECTORY = str(uuid4())
OTHER = str(uuid4())


def bend_with(microsoft: Entra) -> Bend:
    """A bend with a provider for one directory and one for two."""

    def bend(written: Document) -> None:
        common = {
            "client_id": microsoft.client_id,
            "client_secret": "certified",
            "authority": microsoft.base,
        }
        written["sign_in"]["providers"] += [
            {"key": "microsoft", "kind": "entra", "directory": DIRECTORY, **common},
            {
                "key": "several",
                "kind": "entra_multi",
                "directories": [DIRECTORY, OTHER],
                **common,
            },
        ]

    return bend
