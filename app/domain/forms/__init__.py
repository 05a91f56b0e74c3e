"""Forms: what is asked when a ticket is opened, changed or moved, and which answers are accepted.

One engine serves `POST /v1/forms/{form}/resolve`, opening, changing and moving a ticket, so that
clients never have to know a rule. Words: a *field* is a question; *standard* fields stand beside
`fields` in input (subject, description, type, severity, priority, service, entitlement). Verbs:
`policy.choose_form`, `lifecycle.resolve`, `lifecycle.resolve_change`. All pure."""
