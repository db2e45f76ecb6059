"""Tests of the command line, as its users would type."""
