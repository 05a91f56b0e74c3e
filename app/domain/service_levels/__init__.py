"""Service levels: what a customer was promised, and how long things have taken (S0-15).

Words: a *promise* is a policy of the portal's definition that holds for a ticket; its *terms* for
one *metric* (first response, next response, resolution) are a target in the hours of a calendar.
A *clock* measures one metric of one ticket. It is nothing but its log; what it shows is derived.
"""
