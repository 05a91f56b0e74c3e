"""What happens when parts die: nothing acknowledged is lost. Bounded, on loopback, by process id."""
