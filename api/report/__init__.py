"""The report of a dossier: what is said of an account, in words, tables and charts, as PDF."""
