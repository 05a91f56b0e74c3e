"""Signing in: passwords, sessions and their tokens, one-time links, counted guesses.

Verbs: `sign_in`, `refresh`, `sign_out` (actions); `change_password`, `ask_for_reset`,
`open_portal`, `set_password_by_link`, `set_first_password` (renewing). Below them `tokens`,
`links`, `guesses` and `passwords`, each a page on its one thing.
"""
