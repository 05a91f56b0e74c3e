"""The outside world behind small Protocols: mail and storage, each real and in memory."""
