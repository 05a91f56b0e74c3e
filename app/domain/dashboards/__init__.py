"""Dashboards: numbers of tickets in progress (S4-8, S4-13). Reads only.

Every number is a filter of the list of tickets: the number and the list that it links to come from
the same filter, under the same rules."""
