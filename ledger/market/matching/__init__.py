"""The ways in which orders meet: pure, the same effects from the same book and event."""
