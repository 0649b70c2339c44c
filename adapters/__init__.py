"""Everything with a plug: network, clock, database, environment, terminal."""
