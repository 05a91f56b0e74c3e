"""Invitations: somebody is asked to come in, and comes in by his own link and no other way (S0-3).

Verbs: `invite`, `send_again`, `withdraw` (actions); `accept_with_password`, `accept_elsewhere`
(accepting); `accept_terms` (terms); `finish` (callback), for whoever
comes back from a provider.
"""
