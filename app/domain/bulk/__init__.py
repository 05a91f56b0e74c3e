"""Bulk: the same change to many tickets, each as if it were the only one.

Verb: `change_many`, with a result for each ticket. What is refused of one stops no other.
"""
