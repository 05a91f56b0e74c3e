"""Service levels: what a customer was promised, and how long things have taken (S0-15).

Words: a *promise* is the policy of the portal's definition that applies to a ticket; its *terms*
for one *metric* (first response, next response, resolution) are a target in the hours of a
calendar. A *clock* measures one metric of one ticket. Only its log is stored; everything it shows
is derived."""
