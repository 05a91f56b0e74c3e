"""Signing in: passwords, sessions and their tokens, one-time links, counted guesses.

Verbs: `sign_in`, `refresh`, `sign_out`, `change_password`, `ask_for_reset`,
`set_password_by_link`, `issue_one_time_token`, `end_sessions_of`.
"""
