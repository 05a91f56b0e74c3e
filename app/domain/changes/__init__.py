"""The feed of changes: what happened to tickets, organizations and people, for a program that
keeps another system in step (S3-22). Reads only.

It follows the order in which transactions were kept, not the order in which they were begun:
whoever asks for what comes after a place is never later told of something before it.
"""
