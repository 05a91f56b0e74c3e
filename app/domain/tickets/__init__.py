"""Tickets: what a customer asks for, from opening to closing.

Words: the *requester* asked for it; *participants* take part in this one ticket; the *assignee* is
the agent it is assigned to. A *status* is the tenant's own name inside a fixed *category*. Verbs:
`open_ticket`, `change_ticket`, `move_ticket`, and for the rooms above `follow_comment`."""
