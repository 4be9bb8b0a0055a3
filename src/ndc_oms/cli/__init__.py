"""The command line: one file a subject, each a thin caller of what the house does."""
