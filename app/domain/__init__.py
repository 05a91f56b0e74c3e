"""The business logic of a support desk: a room for each noun. Their order is in `app/README.md`."""
