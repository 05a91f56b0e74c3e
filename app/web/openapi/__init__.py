"""The document: what the code serves, said as OpenAPI 3.1.

`build` makes it, `install` serves it at `/openapi.json`, `text_of` is the committed form.
FastAPI knows paths, parameters and bodies; the passes of this room add what holds everywhere
(problems, headers, security) and keep the document true and quiet.
"""

from app.web.openapi.build import build, text_of
from app.web.openapi.serve import install

__all__ = ["build", "install", "text_of"]
