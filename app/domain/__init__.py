"""The trade: what a support desk does, a room for each noun. Their order is in the map."""
