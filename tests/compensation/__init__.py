"""Tests of compensation, from published agreements."""
