"""All that knows the queue library: deferring jobs in a transaction, running them, timers."""
