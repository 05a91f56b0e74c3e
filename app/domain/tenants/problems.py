"""What can be wrong with a document, told with file, line and path."""

from typing import NamedTuple

from app.kernel.problems import Invalid, NotFound


class Mistake(NamedTuple):
    """One thing wrong in a file: where, and what."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: "
        return place + (f"{self.path}: {self.message}" if self.path else self.message)


class DefinitionError(Exception):
    """A document that cannot be used, with everything that is wrong in it, in its order."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class StepImpossible(Invalid):
    """A definition that is right in itself, but cannot follow the one in force."""

    code = "definition-step-impossible"
    title = "This definition cannot follow the one in force"
    detail = "See errors for what would have to stay as it was. Nothing was applied."


class PortalNotFound(NotFound):
    """No portal of this slug; a retired one answers alike."""

    code = "portal-not-found"
    title = "There is no such portal"
