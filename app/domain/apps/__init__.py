"""Apps: OAuth clients of a tenant, and what people let them do. Our own authorization server.

`actions` registers apps; `authorizing` asks somebody and takes his answer (authorization code with
PKCE, RFC 6749, 7636, 9700); `granting` turns codes, refresh tokens and client credentials into
tokens; `inspecting` revokes and looks at them (RFC 7009, 7662); `consenting` is what somebody has
allowed. An app's sign-in is a session with an app and scopes (`sign_in/tokens.py`).
"""
