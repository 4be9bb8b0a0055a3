"""The simulator keeps the contract that every PSS adapter keeps (fixture: conftest.py)."""

from ndc_oms.kit.pss_contract import PssContract


class TestSimulator(PssContract):
    pass
