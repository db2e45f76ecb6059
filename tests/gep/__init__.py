"""From a case to a published account on a real server, and to a payment that rests on it."""
