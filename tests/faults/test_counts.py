"""The matrices of faults are whole, and the README says how large they are.

A place, a verb, a message or a kind of fault that is added without its row fails here.
"""

import inspect
import re
from collections.abc import Callable
from typing import Final

import pytest
from tests.adapters import test_simulator_faults as pss_verbs
from tests.e2e import test_airline_matrix, test_partner_ssrs
from tests.e2e import test_partner_faults as partner_flows
from tests.e2e import test_partner_servicing as partner_servicing
from tests.faults import (
    test_kills,
    test_kills_servicing,
    test_races,
    test_replays,
    test_sides,
    test_sides_servicing,
)
from tests.faults.places import NOWHERE, ROOT, every_place
from tests.partners import test_file_partner as partner_verbs
from tests.partners import test_held_kills, test_partner_kills
from tests.payments import test_gateway_simulated as gateway_verbs

from ndc_oms.kit.fault_proxy import Spoil
from ndc_oms.ports.partner import Partner
from ndc_oms.ports.payment import PaymentGateway, RedirectGateway
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.simulation.faults import FaultKind

KILLS: Final = [
    *(place for _, places in test_kills.PLACES.values() for place in places),
    *(place for places in test_kills_servicing.PLACES.values() for place in places),
    *test_partner_kills.MAKING,
    *test_partner_kills.TAKING_BACK,
    *test_held_kills.HELD,
]
RECOVERY: Final = test_kills.RECOVERY
PARTNER_VERBS: Final = (*partner_flows.VERBS, *partner_servicing.VERBS, *test_partner_ssrs.VERBS)
# Verbs of ports that no flow of ours calls, or that speak with nobody.
UNCALLED: Final = {
    "pss close": "ours",
    "gateway tokenise": "at the door, before anything is done",
    "gateway close": "ours",
    "payment-page read_notice": "speaks with nobody",
    "partner close": "ours",
}


def verbs_of(port: type) -> set[str]:
    return {
        name
        for name, member in inspect.getmembers(port, inspect.isfunction)
        if not name.startswith("_") and inspect.iscoroutinefunction(member)
    }


# -- kills -------------------------------------------------------------------------------------


def test_every_place_of_the_source_is_one_where_somebody_kills() -> None:
    killed = {place.partition(":")[0] for place in (*KILLS, *RECOVERY)}
    spared = {place for place in every_place() if place.startswith(tuple(NOWHERE))}
    assert killed == every_place() - spared


def test_no_reason_is_left_over() -> None:
    places = every_place()
    assert [each for each in NOWHERE if not any(p.startswith(each) for p in places)] == []


# Chosen seats need an airline with seat maps: their faults are shown within flows.
SEATS: Final = {"taken", "hold_seats", "assign_seats"}

# -- sides -------------------------------------------------------------------------------------


def test_every_verb_of_every_port_has_its_faults_in_a_flow() -> None:
    """partner: by file, whose verbs are the port's, and over HTTP by message."""
    ports = {
        "pss": verbs_of(Pss),
        "gateway": verbs_of(PaymentGateway),
        "payment-page": verbs_of(RedirectGateway) - verbs_of(PaymentGateway),
        "partner": verbs_of(Partner),
    }
    there = {f"{side} {verb}" for side, verbs in ports.items() for verb in verbs}
    flows = {*test_sides.TABLE, *test_sides_servicing.TABLE}
    flows |= {f"pss {verb}" for verb in test_sides.BEFORE}
    flows |= {f"pss {verb}" for verb in test_airline_matrix.VERBS}
    flows |= {f"partner {verb}" for verb in PARTNER_VERBS}
    assert there - flows == {each for each in UNCALLED if each in there}


def test_every_verb_of_every_simulated_side_has_every_kind_of_fault() -> None:
    alone = {*pss_verbs.CHANGING, *pss_verbs.READING}
    assert alone == verbs_of(Pss) - {"close", *SEATS}
    assert {*partner_verbs.VERBS} == verbs_of(Partner) - {"close"}
    assert {*gateway_verbs.VERBS} == verbs_of(PaymentGateway) - {"close", "tokenise", "find"}


# -- what the README says ----------------------------------------------------------------------

KINDS: Final = len(FaultKind)
COUNTS: Final[dict[str, Callable[[], int]]] = {
    "named places": lambda: len(every_place()),
    "kills": lambda: len(KILLS),
    "kills during recovery": lambda: len(RECOVERY),
    "replays": lambda: len(test_replays.CELLS) + len(test_replays.MESSAGES),
    "faults of a side's verb alone": lambda: (
        KINDS
        * (
            len(pss_verbs.CHANGING)
            + len(pss_verbs.READING)
            + len(gateway_verbs.VERBS)
            + len(partner_verbs.VERBS)
        )
    ),
    "faults within a sale": lambda: sum(len(rows) for _, rows in test_sides.TABLE.values()),
    "faults before a sale": lambda: len(test_sides.BEFORE) * (len(test_sides.SILENT) + 2),
    "faults within servicing": lambda: len(test_sides_servicing.CELLS),
    "faults of a partner that is fed by files": lambda: KINDS * len(PARTNER_VERBS),
    "spoilt talks with a partner over HTTP": lambda: (
        len(Spoil) * len((*partner_flows.MESSAGES, *partner_flows.HELD, "a name is corrected"))
    ),
    "processes racing for the last seats": lambda: test_races.CLIENTS + 2,
}


@pytest.mark.parametrize("what", COUNTS)
def test_the_readme_counts_what_is_there(what: str) -> None:
    said = re.search(rf"^\| {re.escape(what)} \| (\d+) \|", (ROOT / "README.md").read_text(), re.M)
    assert said is not None, f"README, Faults, counted: | {what} | {COUNTS[what]()} |"
    assert int(said[1]) == COUNTS[what](), what


def test_the_readme_counts_nothing_else() -> None:
    text = (ROOT / "README.md").read_text()
    table = text.partition("**Faults, counted**")[2].partition("\n\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \| \d+ \|", table, re.M)
    assert sorted(rows) == sorted(COUNTS)
