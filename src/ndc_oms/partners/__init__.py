"""Partner content: asking partner airlines together, and a partner that is read from files."""
