"""People: who they are, how to reach them, where they belong and in which role.

Verbs: `create_person`, `change_person`, `grant_membership`, `end_membership`, `join_team`,
`leave_team`, `change_oneself`. A role follows from nothing in another system (S3-7).
"""
