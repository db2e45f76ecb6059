"""Editions of accounts: their rules, their archives, what a revision changed."""
