"""Question -> ranked entries, the facet asked for, the place named. Knows the knowledge, nothing of conversations."""
