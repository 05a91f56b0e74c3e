"""Calendars: business hours, and arithmetic with business time. Pure.

Words: a calendar's *hours* are intervals of local time in an IANA zone; *business time* is what
passes while it is open; a *business day* is a day on which it opens at all. Verbs: `hours_of`,
`add_business`, `elapsed_business` in whole minutes, `after_business`, `business_between` to the
second, and for days `opening_after_days`, `closing_after_days`."""
