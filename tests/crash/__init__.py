"""Real crashes and a short soak, a few rounds of each."""
