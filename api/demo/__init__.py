"""The demonstration: every example that ships, booked from its own folder of figures."""
