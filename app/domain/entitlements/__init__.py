"""Entitlements: the agreements that an organization's tickets are charged to (S0-24).

Words: a *template* stands in the portal's definition, an *entitlement* is an organization's own,
made from it, *running* from its first to its last day. Verbs: `create_entitlement`,
`change_entitlement`, `remove_entitlement`; `offer_for` returns what a new ticket can be charged
to."""
