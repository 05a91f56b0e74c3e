"""How long a registration lasts, and how many are taken."""

from datetime import timedelta

#: The timer that removes what was not gone on with, and what was decided long ago.
SWEEP_REGISTRATION = "sweep_registration"
#: How long an address may be confirmed.
LINK = timedelta(hours=24)
#: How long somebody waits to be let in.
WAITS = timedelta(days=30)
#: How long a decision can be looked up.
DECISION_KEPT = timedelta(days=30)
#: Mails that one address gets in an hour, however often somebody enters it.
MOST_FOR_ADDRESS = 3
#: Addresses that may be entered from one network in an hour.
MOST_FROM_NETWORK = 30
