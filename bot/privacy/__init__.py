"""What we may know about a person, under which name, and for how long."""
