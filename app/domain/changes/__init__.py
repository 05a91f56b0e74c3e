"""The feed of changes to tickets, organizations and people, for programs that keep another system
in step (S3-22). Reads only.

It follows the order in which transactions were committed, not the order in which they began: what
comes after a cursor never includes, later on, something from before it."""
