"""Signing in: passwords, second factors, sessions and their tokens, one-time links, guesses.

Verbs: `sign_in`, `refresh`, `sign_out` (actions); `begin_setup`, `pass_challenge` (second_step);
`begin_factor`, `confirm_factor`, `remove_factor`, `make_recovery_codes`, `reset_factors` (factors);
`change_password`, `ask_for_reset`, `open_portal`, `set_password_by_link`, `set_first_password`
(password_changes). Below them one page each for `tokens`, `links` (one-time secrets), `codes`
(TOTP), `guesses` (throttling) and `passwords` (Argon2id).
"""
