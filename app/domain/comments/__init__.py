"""Comments: the conversation on a ticket, the one place where both sides talk (S3-16).

`public` to everyone who reads the ticket, `internal` among agents, `private` from a customer to
the agents alone (S4-15). Verb: `add_comment`, which may move the ticket in the same step (S3-17).
"""
