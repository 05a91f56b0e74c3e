"""Access to the outside world: mail, file storage, virus scanner, OpenID providers, HTTP."""
