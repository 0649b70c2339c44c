"""One turn of talk, pure: the same conversation, message and moment give the same turn."""
