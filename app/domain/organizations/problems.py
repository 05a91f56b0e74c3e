"""What can be refused about organizations."""

from app.kernel.problems import Invalid, NotFound, Problem


class OrganizationNotFound(NotFound):
    code = "organization-not-found"
    title = "There is no such organization"


class OrganizationReferenceTaken(Problem):
    code = "organization-reference-taken"
    status = 409
    title = "Another organization has this external reference"
    detail = "A source and key name one organization. Change that one, or use another key."


class EmailDomainInvalid(Invalid):
    code = "email-domain-invalid"
    title = "This is no domain of e-mail addresses"
    detail = "Give what stands behind the @ of an address, like acme.example."


class EmailDomainPublic(Invalid):
    code = "email-domain-public"
    title = "Anybody gets a mailbox under this domain"
    detail = "Only a domain whose mailboxes are all the organization's own says who belongs to it."


class EmailDomainTaken(Problem):
    code = "email-domain-taken"
    status = 409
    title = "Another organization has this e-mail domain"
    detail = "{domain} says whose people they are, so it is one organization's."
