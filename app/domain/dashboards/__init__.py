"""Dashboards: tickets in progress, counted (S4-8, S4-13). Reads only.

Whatever is counted is a filter of the list of tickets: the figure and the list that it leads to
come from the same words, under the same law.
"""
