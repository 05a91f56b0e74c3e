"""People: who they are, how to reach them, where they belong and in which role.

Verbs: `create_person`, `change_person`, `change_oneself` (actions); `grant_membership`,
`end_membership`, `join_team`, `leave_team` (memberships). A role follows from nothing in another
system (S3-7), and nobody gives one that allows more than their own.
"""
