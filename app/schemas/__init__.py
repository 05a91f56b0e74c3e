"""JSON in and out. Files are named as in `routers/` and `models/`.

Input refuses what it does not know; answers are allow-lists, one per side of the counter where
the sides see different things.
"""
