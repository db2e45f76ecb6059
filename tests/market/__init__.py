"""Tests of the market: worked days, laws against a slow second implementation, figures."""
