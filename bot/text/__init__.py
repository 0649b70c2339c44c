"""Strings, with no idea of grants: cleaning, folding, patterns, language."""
