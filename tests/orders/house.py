"""Everything that surrounds orders, of small stand-ins: a store, a PSS, gateways, a clock."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tests.orders.fake_clock import FakeClock, FakeEntropy
from tests.orders.fake_gateways import FakeGateway, FakePages
from tests.orders.fake_pss import FakePss
from tests.orders.fake_store import FakeStore
from tests.orders.offered import AGES, T, bound, catalogue, offer_for, party_of

from ndc_oms.errors import Expired
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.model.fold import fold
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.payment import PaymentForm
from ndc_oms.offers.service_token import ServiceTokens
from ndc_oms.orders.callback import PaymentCallback
from ndc_oms.orders.change import ChangeOrder
from ndc_oms.orders.create import CreateOrder
from ndc_oms.orders.followers import Followers
from ndc_oms.orders.name_desk import NameDesk
from ndc_oms.orders.prepare import Rules
from ndc_oms.orders.rebook import Rebook
from ndc_oms.orders.reshop import ReshopOrder
from ndc_oms.orders.service_desk import ServiceDesk
from ndc_oms.orders.tender import Tills
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.name_rules import NameCorrection, NameFee
from ndc_oms.world.payments import Route
from ndc_oms.world.servicing import HoldRule, Servicing

CORRECTION = NameCorrection(letters=2, times=2, swapped=True, middle=True)
NAME_FEE = NameFee((), Decimal(20), 0)


@dataclass
class House:
    """Everything around CreateOrder, and the act itself."""

    offers: dict[str, Offer] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    pss: FakePss = field(default_factory=FakePss)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    plan: FakeGateway = field(default_factory=lambda: FakeGateway("plan"))
    second: FakeGateway = field(default_factory=lambda: FakeGateway("second"))
    vouchers: FakeGateway = field(default_factory=lambda: FakeGateway("vouchers"))
    pages: FakePages = field(default_factory=FakePages)
    reply_within_s: float = 2.0
    holds: tuple[HoldRule, ...] = ()
    failing_over: bool = False
    differences: tuple[tuple[int, int], ...] = ((500, 0),)

    def __post_init__(self) -> None:
        self.store = FakeStore(self.clock)
        self.entropy = FakeEntropy()
        everybody = (self.gateway, self.second, self.plan, self.vouchers, self.pages)
        gateways: Any = {g.name: g for g in everybody}  # the fakes have the verbs that are used
        pss: Any = self.pss  # likewise
        sides = Sides(pss, gateways)
        self.deliverer = Deliverer(self.store, sides, self.clock, self.entropy, "this", call_s=0.2)
        cards = ("cards", "second") if self.failing_over else ("cards",)
        routes = (
            Route(PaymentForm.CARD, cards),
            Route(PaymentForm.SETTLEMENT_PLAN, ("plan",)),
            Route(PaymentForm.VOUCHER, ("vouchers",)),
            Route(PaymentForm.REDIRECT, ("pages",)),
        )
        servicing = Servicing(self.holds, void_h=24, correction=CORRECTION, name_fees=(NAME_FEE,))
        names = NameDesk(servicing, lambda value, currency: Money(int(value * 100), currency))
        self.tokens = ServiceTokens(b"secret", "XX")
        any_store: Any = self.store
        desk = ServiceDesk("XX", catalogue(), self.tokens, any_store, lambda _flown: None)
        rules = Rules("XX", Tills(gateways, routes), AGES, servicing, desk=desk, names=names)
        self.create = CreateOrder(
            store=self.store,
            pss=pss,
            recall=self.recall,
            rules=rules,
            deliverer=self.deliverer,
            clock=self.clock,
            entropy=self.entropy,
            reply_within_s=self.reply_within_s,
        )
        self.change = ChangeOrder(
            self.store, pss, rules, self.deliverer, self.clock, reply_within_s=self.reply_within_s
        )
        followers = Followers("XX", catalogue(), any_store, pss, lambda _flown: None)
        rebook = Rebook(
            self.store, self.alternatives, followers, servicing, AGES, self.clock, self.entropy
        )
        self.reshop = ReshopOrder(
            self.store, pss, "XX", servicing, self.clock, self.entropy, rebook, names
        )
        self.callback = PaymentCallback(self.store, gateways, self.deliverer, self.clock)

    async def alternatives(self, request: Any, _seller: Seller, _conditions: Any) -> Any:
        """Each journey a number of days later, dearer or cheaper by `differences`."""
        found = []
        for base, tax in self.differences:
            bounds = []
            for asked in request.bounds:
                made = bound(asked.day.day, 1, there=asked.origin < asked.destination)
                fares = {
                    kind: replace(
                        each,
                        base=Money(max(0, each.base.minor + base), "EUR"),
                        taxes=tuple(
                            replace(t, amount=t.amount + Money(tax, "EUR")) for t in each.taxes
                        ),
                    )
                    for kind, each in made.fares.items()
                }
                bounds.append(replace(made, fares=fares))
            found.append(tuple(bounds))
        return tuple(found), ()

    async def recall(self, offer_id: str, seller: Seller, _party: Any) -> Offer:
        offer = self.offers.get(offer_id)
        if offer is None or offer.seller != seller.org_id or self.clock.now() >= offer.expires_at:
            raise Expired("offer not known")
        return offer

    def offer(self, *kinds: PassengerType, **other: Any) -> Offer:
        made = offer_for(party_of(*(kinds or (T.ADULT,))), **other)
        self.offers[made.offer_id] = made
        return made

    async def run_out(self, rounds: int = 60) -> None:
        """The worker, until nothing is due any more but what is parked."""
        for _ in range(rounds):
            if all(task.parked for task in self.store.tasks.values()):
                return
            await self.deliverer.run_due()
            self.clock.advance(seconds=61)

    def check(self) -> None:
        """The invariants, whatever happened."""
        for transaction in self.store.ledger:
            assert sum(p.amount.minor for p in transaction.postings) == 0
        for order_id, record in self.store.orders.items():
            assert fold(self.store.events[order_id]) == record.order
        numbers = [d.number for r in self.store.orders.values() for d in r.order.documents]
        assert len(numbers) == len(set(numbers))
        for gateway in (self.gateway, self.second, self.plan, self.vouchers, self.pages):
            assert set(gateway.refunded) <= set(gateway.captured)
