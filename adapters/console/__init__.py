"""The terminal: one question, a talk, or lines of JSON."""
