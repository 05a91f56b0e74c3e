"""Who is acting and what that allows: the actor, the vocabulary of permissions, `require`."""
