"""Notifications: who is told of what, in which words, and whether it arrived.

Each is a row before it is a mail (unique by event, person and channel, so telling twice tells
once), and is delivered in three steps: written in one transaction, sent in none, noted in another.
`policy` says who is told, `letters` what he reads, `layout` how it looks, `delivery` brings it
out, `reactions` lists what the worker does when something happened.
"""
