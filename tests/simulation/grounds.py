"""The ground of simulations, laid once a test process."""

from functools import cache

from ndc_oms.kit.simulation.ground import Ground, lay_ground


@cache
def ground() -> Ground:
    return lay_ground()
