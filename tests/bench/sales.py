"""Orders to be created: offers found by shopping, each accepted once, paid by a card that works."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from lxml import etree
from tests.bench.market import Market

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, offers_of
from ndc_oms.kit.requests import Pax, air_shopping, card, order_create

CARD = "4111111111111111"
TRIES = 20
OFFERS_A_SEARCH = 5  # of one answer: few passengers then want the same seats

Send = Callable[[bytes], Awaitable[bytes]]


@dataclass
class Sales:
    """One adult on one bound each. name: of the run, so that no TrxID comes twice."""

    market: Market
    name: str
    _made: int = 0

    async def orders(self, number: int, send: Send) -> list[bytes]:
        """OrderCreateRQ documents. send: one AirShoppingRQ to its reply."""
        made: list[bytes] = []
        for _ in range(number + TRIES):  # a search may find nothing; they do not all
            if len(made) >= number:
                return made[:number]
            made += [self._order(each) for each in await self._offers(send)]
        raise AssertionError(f"{number + TRIES} searches found {len(made)} offers")

    async def _offers(self, send: Send) -> list[OfferSummary]:
        day, pair = self.market.day_and_route()
        body = await send(air_shopping([(*pair, day)], [Pax("P1")], limit=50))
        found = offers_of(Reply(200, body, {}, etree.fromstring(body)))
        return found[:: max(1, len(found) // OFFERS_A_SEARCH)][:OFFERS_A_SEARCH]

    def _order(self, offer: OfferSummary) -> bytes:
        self._made += 1
        surname = "".join(chr(65 + int(digit)) for digit in str(self._made))
        party = [Pax("P1", surname=f"Hansen{surname.title()}", birthdate=date(1980, 2, 29))]
        paid = card(CARD, offer.amount, offer.currency)
        trx_id = f"{self.name}-{self._made}"
        return order_create(offer.offer_id, offer.items, party, paid, trx_id=trx_id)
