"""Tests of the ledger, told as an auditor would check them."""
