"""Skranke: the open backend of a customer-support portal. `app/README.md` is the map."""
