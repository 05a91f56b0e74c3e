"""The report of who came in, when, how and from where (S4-18), and who may what since when.

It is read from the journal, which nobody who serves can change. It only looks: `report_page`.
"""
