"""Tests of REST and the console, through real requests."""
