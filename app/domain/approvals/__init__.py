"""Approvals: a question to somebody about a ticket, and what becomes of it (S2-10 to S2-18, S1-14).

Words: *approvers* are asked; an *answer* is one of the tenant's own verbs with its outcome, a yes
or a no, and perhaps a transition of its own; a *decision* is an answer given, and is never changed.
A *gate* keeps a ticket from being closed meanwhile. Silence may be a yes after a *reminder*.
Verbs: `ask`, `withdraw`, `decide`; for timers `remind` and `presume`; for the room that mails
`note_reminder`; for those who are away `name_substitute`, `dismiss_substitute`.
"""
