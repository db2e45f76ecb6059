"""Proofs: the tree over the log of records, and the verifier that trusts none of the ledger's code."""
