"""Registrations: people ask for access themselves, where the portal accepts that.

An address is confirmed by a link; then somebody decides, or the verified e-mail domain of an
organization does. Nobody joins an existing account by its address. Verbs: `ask`, `look_at`,
`confirm` (actions); `approve`, `refuse` (deciding)."""
