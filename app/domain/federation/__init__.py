"""Signing in by somebody else's word: OpenID Connect, as its relying party.

`providers` says what a tenant's provider is held to, `id_tokens` and `logout_tokens` what of its
word is believed. Verbs: `depart` (starting), `arrive` (arriving), `sign_in_as`, `link`, `unlink`,
`sign_out_there` (actions). An identity is never found by an e-mail address.
"""
