"""Comments: the conversation on a ticket (S3-16).

`public` ones are for everybody who reads the ticket, `internal` ones for agents, `private` ones
from a customer to the agents (S4-15). Verb: `add_comment`, which may move the ticket in the same
step (S3-17)."""
