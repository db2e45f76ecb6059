"""Deterministic simulation: one seed is one history of callers, clock, faults and crashes."""
