"""A PSS to develop and test against: inventory, PNRs, documents, and faults on demand."""

from ndc_pss_simulator.simulator import open_pss  # where the entry point looks for it

__all__ = ["open_pss"]
