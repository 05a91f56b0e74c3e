"""API keys: with them a script acts as a person or a service account, as far as its scopes go.

Verbs: `make_key`, `rotate_key`, `revoke_key` (actions). A key is shown once and kept as a hash.
Whether it is good is found out by `wall.enter`, in the one call that raises the wall: its owner's
rights of that moment, cut down to its scopes, perhaps to one organization.
"""
