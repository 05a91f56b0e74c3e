"""What happens when parts die: nothing acknowledged is lost. On loopback, by process id."""
