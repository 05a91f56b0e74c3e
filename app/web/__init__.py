"""Everything that knows HTTP and is not about one resource: the route class, callers, problems,
`ETag`s, pages, files."""
