"""What tests of partners that fly what we cannot share: orders, and the partner."""

from datetime import timedelta

from tests.e2e.servicing import ADULT, seen
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, offers_of, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.partners.file import FilePartner

AHEAD = 63  # a Tuesday; our next flight is on Friday, which is too late. Aster has one a day
PAIR = ("YYZ", "EDI")


def aster(served: Served) -> FilePartner:
    found = served.house.sides.partners["aster"]
    assert isinstance(found, FilePartner)
    return found


async def to_edinburgh(
    served: Served,
    party: tuple[Pax, ...] = ADULT,
    *,
    family: str = "Economy Standard",
    there_and_back: bool = False,
    pair: tuple[str, str] = PAIR,
    key: str = "buy",
    later: timedelta = timedelta(),
) -> OrderSummary:
    """A ticketed order, paid by card."""
    day = served.today + timedelta(days=AHEAD) + later
    bounds = [(*pair, day), (*pair[::-1], day + timedelta(days=8))]
    shopped = offers_of(await served.talk.shop(bounds if there_and_back else bounds[:1], party))
    wanted = next(each for each in shopped if set(each.families) == {family})
    (firm,) = offers_of(await served.talk.price(wanted, party))
    made = await served.talk.create(firm, party, key)
    assert made.errors == ()
    return order_of(await seen(served, order_of(made)))
