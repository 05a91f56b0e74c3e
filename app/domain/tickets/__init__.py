"""Tickets: a customer's matter, from opening to closing.

Words: the *requester* asked for it; *participants* take part in this one ticket; the *assignee*
is the agent who has it. A *status* is the tenant's own word inside a fixed *category*.
Verbs: `open_ticket`, `change_ticket`, `move_ticket`, and for the rooms above `follow_comment`.
"""
