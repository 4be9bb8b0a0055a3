"""The contract of `ports/pss.py` as tests. An adapter's author runs them with three lines:

    class TestMine(PssContract):
        pass

and a fixture named `bench` that gives each test a fresh `Bench`. Verbs under test must answer: no
faults planted, no time-outs.
"""

from ndc_oms.kit.pss_availability_contract import AvailabilityContract
from ndc_oms.kit.pss_booking_contract import BookingContract
from ndc_oms.kit.pss_change_contract import ChangeContract
from ndc_oms.kit.pss_document_contract import DocumentContract
from ndc_oms.kit.pss_exchange_contract import ExchangeContract
from ndc_oms.kit.pss_feed_contract import FeedContract


class PssContract(
    AvailabilityContract,
    BookingContract,
    ChangeContract,
    DocumentContract,
    ExchangeContract,
    FeedContract,
):
    """What every adapter must do; chosen seats and EMDs beside exchanged flights have contracts of
    their own (kit/pss_seats_contract.py, kit/pss_emd_contract.py).
    """
