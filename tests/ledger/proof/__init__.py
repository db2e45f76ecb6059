"""Tests of the proofs: whoever changes one byte of them is found."""
