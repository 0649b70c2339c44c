"""The knowledge base as typed, immutable values, and the one door (`load`) through which files become them."""
