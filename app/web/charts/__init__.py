"""Charts: figures drawn as SVG that runs nothing, loads nothing, and fits where it is put.

A chart is as wide as its place (lengths across are percentages) and its text keeps its size, so
that it is read on a phone and does not shout on a desktop; a `viewBox` would scale both alike. It
may stand in a page beside another: its rules and ids hold for itself alone.
"""
