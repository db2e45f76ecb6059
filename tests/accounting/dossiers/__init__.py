"""Dossiers: written, verified by a stranger, and forged."""
