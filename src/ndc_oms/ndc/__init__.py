"""The only room that reads and writes XML: the door, the schema, the exchange, a file a message."""
