"""Ecosystem accounts after SEEA EA."""
