"""One statement per file; each returns a Statement that any renderer can write."""
