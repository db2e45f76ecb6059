"""A multi-commodity double-entry ledger of money and environmental rights."""
