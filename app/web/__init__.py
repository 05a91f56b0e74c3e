"""All that knows HTTP and is no resource: the route, who calls, problems, tags, pages, files."""
