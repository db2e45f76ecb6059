"""The values of the ledger and its pure rules; nothing here knows a database or the web."""
