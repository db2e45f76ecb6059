"""What the rules need from a database: lock, read, write; on SQLite and on PostgreSQL."""

from ledger.store.store import Store, open_store

__all__ = ["Store", "open_store"]
