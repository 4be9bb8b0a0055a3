"""Imported once, by the process from which others are forked: what takes long is done here."""

from tests.faults import servicing_process
from tests.houses import demo_world

WORLD = demo_world()
PROCESS = servicing_process
