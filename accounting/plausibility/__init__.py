"""The auditor of plausibility: what no recomputation finds, each doubt with its evidence."""
