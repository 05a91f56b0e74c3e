"""What the operator's command `skranke` can do: one file for each command, `app/cli.py` lists them.

A command reads settings, opens what it needs and hands over to the house; a foreseeable failure
leaves it as one line on standard error and an exit code of its own (`failures.py`).
"""
