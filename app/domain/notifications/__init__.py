"""Notifications: who is told of what, in which words, and whether it arrived.

Each is a row before it is a mail (unique by event, person and channel, so that repeating is safe),
and is delivered in three steps: written in one transaction, sent in none, noted in another.
`policy` says who is told, `letters` what they read, `layout` how it looks, `delivery` sends it, and
`reactions` lists what the worker does after which event."""
