"""Bulk changes: the same change to many tickets, each as if it were changed alone.

Verb: `change_many`, with a result for each ticket. A refusal of one stops no other."""
