"""How much of the costly tests is done: all where `CI` is set or faults are asked for thoroughly,
at a desk a part of each, which still asks every rule."""

import os

#: Whether they are done in full, whatever it takes.
IN_FULL = bool(os.environ.get("CI")) or os.environ.get("SKRANKE_FAULTS") == "thorough"
