"""Tenants: a provider's desk as a portal definition, and applying a new version of it.

`definition` is the document (models), `checks` validates it as a whole, `loading` reads it from
YAML with errors that name file, line and path, `planning` compares and merges versions (what is
removed is retired), `actions` stores them, `queries` reads them back."""
