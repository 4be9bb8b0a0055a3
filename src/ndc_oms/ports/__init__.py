"""All that an adapter author reads: what the house asks of the systems around it."""
