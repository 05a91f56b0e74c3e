"""Registrations: people ask to be let in themselves, where the portal takes that.

An address is confirmed by a link, then somebody of the portal decides, or the verified e-mail
domain of an organization does. Nobody joins an account that is there by its address.
Verbs: `ask`, `look_at`, `confirm` (actions); `approve`, `refuse` (deciding).
"""
