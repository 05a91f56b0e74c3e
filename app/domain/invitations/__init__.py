"""Invitations: a person is invited, and gets access only by a personal link (S0-3).

Verbs: `invite`, `send_again`, `withdraw` (actions); `accept_with_password`, `accept_elsewhere`
(accepting); `accept_terms` (terms); `finish` (callback), for whoever returns from a provider."""
