"""Files beside the database: what the search has learnt, and the last knowledge that was good."""
