"""Requests leave no cycles behind: what `memory.spare_collector` stands on."""

import gc
from datetime import timedelta

from tests.bench.load import Answer, send_all
from tests.houses import Served

from ndc_oms.kit.requests import Pax, air_shopping

MANY = 40  # requests


def _nothing(_at: int, _answer: Answer) -> None:
    """Only what the server leaves behind is looked at."""


def _searches(served: Served) -> list[bytes]:
    first = served.today + timedelta(days=20)
    days = (first + timedelta(days=at) for at in range(MANY))
    return [air_shopping((("YYZ", "LHR", day),), (Pax("P1"),), limit=20) for day in days]


async def test_requests_leave_no_cycles_for_the_collector(served: Served) -> None:
    searches = _searches(served)
    refused = [body.replace(b"Pax>", b"Paz>") for body in searches]
    unread = [b"<a/>"] * MANY
    for bodies in (searches, refused, unread):
        await send_all(served.url, bodies[:2], _nothing, at_once=2)
    for bodies in (searches, refused, unread):
        gc.collect()
        gc.disable()
        try:
            await send_all(served.url, bodies, _nothing, at_once=2, packed=True)
            left = gc.collect()
        finally:
            gc.enable()
        # some twenty objects are of the two connections that were opened and closed
        assert left < MANY, "more than one object a request"
