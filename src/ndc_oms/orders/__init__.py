"""Orders: create, read, change; each file one act."""
