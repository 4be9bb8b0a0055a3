"""Imported once, by the process from which others are forked: what takes long is done here."""

import gc

from tests.faults import servicing_process
from tests.houses import demo_world

from ndc_oms import running
from ndc_oms.cli import main

WORLD = demo_world()
IMPORTED = (servicing_process, running, main)
gc.collect()
gc.freeze()  # whoever is forked need not look through it
