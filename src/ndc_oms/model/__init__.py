"""What the house talks about: frozen, typed, without I/O."""
