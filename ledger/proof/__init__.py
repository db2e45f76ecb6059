"""Proofs: the tree over the log, and the verifier that trusts none of the ledger's code."""
