"""Organizations: the customer companies of a tenant.

Verbs: `create_organization`, `change_organization`. Agents make them; members see their own.
"""
