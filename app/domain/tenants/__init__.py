"""Tenants: what a provider's desk is, as a portal definition, and how a new one is made so.

`definition` is the document (models), `checks` its law, `loading` reads it from YAML with errors
that name file, line and path, `planning` compares and merges versions (what vanishes is retired),
`actions` stores them, `queries` reads them back.
"""
