"""What can be refused about agreements."""

from app.kernel.problems import NotFound, Problem


class EntitlementNotFound(NotFound):
    code = "entitlement-not-found"
    title = "There is no such entitlement"


class EntitlementInUse(Problem):
    code = "entitlement-in-use"
    status = 409
    title = "Tickets are charged to this entitlement"
    detail = "End it instead: what was charged to it stays."


class AnotherDefault(Problem):
    """Two people made a default of the same organization's at the same moment."""

    code = "another-default"
    status = 409
    title = "The organization has just got another default entitlement"
    detail = "Look at its entitlements, then say again which one is the default."
