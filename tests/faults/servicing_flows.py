"""What a seller does to an order, as a process that may be killed does it: prepared, done, done
again by another process; and how each must end.

Everything here runs in processes of its own (`servicing_process.py`).
"""

from tests.faults.airline_flows import AIRLINE
from tests.faults.following_flows import FOLLOWING
from tests.faults.holding_flows import HOLDING
from tests.faults.paying_flows import PAYING
from tests.faults.person_flows import PERSONS
from tests.faults.rebooking_flows import REBOOKING
from tests.faults.service_flows import SERVICES

FLOWS = {
    **PERSONS,
    **FOLLOWING,
    **AIRLINE,
    **REBOOKING,
    **SERVICES,
    **PAYING,
    **HOLDING,
}
