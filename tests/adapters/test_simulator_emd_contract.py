"""The simulator keeps the contract of EMDs whose flights are exchanged."""

from ndc_oms.kit.pss_emd_contract import EmdContract


class TestSimulatorEmds(EmdContract):
    pass
