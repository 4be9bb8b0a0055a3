"""Keeps what the house must not lose: orders, replay keys, due tasks, the ledger, sellers."""
