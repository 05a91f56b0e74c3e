"""Tests mirror `app/`; `journeys/` tells the five systems as stories over HTTP."""
