"""The simulator keeps the contract of chosen seats."""

from ndc_oms.kit.pss_seats_contract import SeatContract


class TestSimulatorSeats(SeatContract):
    pass
