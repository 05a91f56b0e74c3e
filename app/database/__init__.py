"""PostgreSQL: sessions, the tenant wall, paging by key, roles, the embedded server."""
