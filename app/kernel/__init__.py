"""What every room stands on: settings, clock, ids, problems, locale, secrets, logging.

Imports nothing of ours."""
