"""Apps: OAuth clients of a tenant, and what people allow them. The authorization server is ours.

`actions` registers apps; `authorizing` keeps authorization requests and takes the answers
(authorization code with PKCE, RFC 6749, 7636, 9700); `granting` exchanges codes, refresh tokens and
client credentials for tokens; `inspecting` revokes and introspects tokens (RFC 7009, 7662);
`consenting` withdraws consent. An app's sign-in is a session with an app and scopes
(`sign_in/tokens.py`)."""
