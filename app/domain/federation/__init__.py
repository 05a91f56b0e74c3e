"""Federated sign-in: OpenID Connect (Core 1.0), as its relying party.

`providers` turns a provider of the portal definition into what its tokens are checked against;
`id_tokens`, `access_tokens` and `logout_tokens` validate them. Verbs: `begin_authentication`
(authentication_request), `read_callback` (callback), `sign_in_as`, `link`, `unlink`,
`sign_out_there` (actions), `bind_program`, `unbind_program` (programs). An identity is never looked
up by an e-mail address.
"""
