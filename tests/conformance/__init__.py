"""Scenarios of other ledgers, played on this one."""
