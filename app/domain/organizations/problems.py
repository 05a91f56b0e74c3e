"""What can be refused about organizations."""

from app.kernel.problems import NotFound, Problem


class OrganizationNotFound(NotFound):
    code = "organization-not-found"
    title = "There is no such organization"


class OrganizationReferenceTaken(Problem):
    code = "organization-reference-taken"
    status = 409
    title = "Another organization has this external reference"
    detail = "A source and key name one organization. Change that one, or use another key."
