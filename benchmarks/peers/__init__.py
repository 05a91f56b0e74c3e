"""Other help desks beside Skranke: the same operations, on the same PostgreSQL, in turns."""
