"""The routes: parse, call one verb, shape the answer. Files are named as in `schemas/`."""
