"""What can be refused about registrations. Known and unknown addresses are answered alike."""

from app.kernel.problems import Forbidden, NotFound, Problem


class RegistrationClosed(Forbidden):
    code = "registration-closed"
    title = "Nobody is let in like this here"
    detail = "The portal's definition says who lets in people who ask for it. Ask its people."


class NobodyLetsIn(Forbidden):
    code = "nobody-lets-in"
    title = "There is nobody who could let you in with this address"
    detail = "Register with an address of your organization, or ask the portal's people."


class ConfirmationOfNoUse(NotFound):
    code = "confirmation-of-no-use"
    title = "This link is of no use any more"
    detail = "It was used, has run out, or is incomplete. Register anew."


class RegistrationNotFound(NotFound):
    code = "registration-not-found"
    title = "There is no such registration"


class RegistrationDecided(Problem):
    code = "registration-decided"
    status = 409
    title = "This was decided already"
    detail = "Read the registration anew: somebody was faster."


class AddressOvertaken(Problem):
    code = "address-overtaken"
    status = 409
    title = "Somebody has been given this address meanwhile"
    detail = "Refuse the registration: nobody joins an account by its address."
