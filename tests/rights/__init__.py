"""Tests of rights, trades and energy budgets, from published figures."""
