"""Agreements: what an organization's tickets are charged to (S0-24), and what it calls services.

Words: a *template* stands in the portal's definition, an *entitlement* is an organization's own
agreement made from it, *running* from its first to its last day. Verbs: `create_entitlement`,
`change_entitlement`, `remove_entitlement`; `offer_for` says what a new ticket may be charged to.
"""
