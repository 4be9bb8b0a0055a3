"""A house in a world of faults, decided by one seed: the same seed goes the same way each time."""
