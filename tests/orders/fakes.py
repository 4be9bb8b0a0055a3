"""Small stand-ins for what surrounds orders: a store, a PSS, a gateway, a clock; and an offer."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from ndc_oms.errors import Conflict, Expired, Invalid, NotAllowed, NotFound
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.model.ancillary import EmdKind, Product
from ndc_oms.model.documents import COUPONS_A_DOCUMENT, Coupon, Document
from ndc_oms.model.events import Event
from ndc_oms.model.fold import fold
from ndc_oms.model.journey import FlightKey, Journey, Leg, Segment
from ndc_oms.model.ledger import Transaction
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, Offer, PricedBound, Tax
from ndc_oms.model.passenger import Contact, Passenger, PassengerType, People, Person
from ndc_oms.model.payment import Card, PaymentForm
from ndc_oms.model.product import Baggage, Cabin, FareFamily, Restriction, Stage
from ndc_oms.model.quote import Quote
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.model.stock import Place
from ndc_oms.offers.request import SelectedItem, Selection
from ndc_oms.offers.service_token import ServiceTokens
from ndc_oms.orders.callback import PaymentCallback
from ndc_oms.orders.change import ChangeOrder
from ndc_oms.orders.create import CreateOrder
from ndc_oms.orders.followers import Followers
from ndc_oms.orders.name_desk import NameDesk
from ndc_oms.orders.prepare import Rules
from ndc_oms.orders.rebook import Rebook
from ndc_oms.orders.request import CreateRequest, PaymentRequest
from ndc_oms.orders.reshop import ReshopOrder
from ndc_oms.orders.service_desk import ServiceDesk
from ndc_oms.orders.tender import Tills
from ndc_oms.ports import store as units
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.payment import CardData, Charge, Page, PaymentNotice
from ndc_oms.ports.pss import Booking, DocumentRequest, Hold, Pnr, PnrSegment
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.ports.store import OrderRecord, Task
from ndc_oms.world.currencies import CurrencyRule
from ndc_oms.world.name_rules import NameCorrection, NameFee
from ndc_oms.world.passengers import PassengerRule
from ndc_oms.world.payments import Route
from ndc_oms.world.services import Catalogue, CatalogueProduct, Rates, ServicePrice
from ndc_oms.world.servicing import HoldRule, Servicing

NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
SELLER = Seller("91000000", "Demo travel", "EUR")
OTHER = Seller("92000000", "Other travel", "EUR")
T = PassengerType


CORRECTION = NameCorrection(letters=2, times=2, swapped=True, middle=True)
NAME_FEE = NameFee((), Decimal(20), 0)


class FakeClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def advance(self, **how_far: float) -> None:
        self.time += timedelta(**how_far)


class FakeEntropy:
    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))


# -- the store -------------------------------------------------------------------------------


@dataclass
class _Claim:
    order_id: str
    offer_id: str
    body_hash: str
    lease_until: datetime
    reply: bytes | None = None
    changes: bool = False
    effect: int | None = None


class FakeStore:
    """The store's promises, in dictionaries; every write is atomic because nothing awaits."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.orders: dict[str, OrderRecord] = {}
        self.events: dict[str, list[Event]] = {}
        self.ledger: list[Transaction] = []
        self.tasks: dict[str, Task] = {}
        self.leases: dict[str, datetime] = {}
        self.claims: dict[tuple[str, str], _Claim] = {}
        self.quotes: dict[str, Quote] = {}
        self.stock: Counter[Place] = Counter()

    async def write(self, unit: Any) -> Any:
        await asyncio.sleep(0)
        return getattr(self, f"_{type(unit).__name__}")(unit)

    def _ClaimKey(self, unit: units.ClaimKey) -> units.ClaimAnswer:  # noqa: N802  # by unit's name
        claim = self.claims.get((unit.seller, unit.key))
        order_id = claim.order_id if claim else unit.order_id
        if claim is not None:
            if claim.body_hash != unit.body_hash:
                return units.Differs()
            standing = self._standing(claim)
            if standing is not None:
                return standing
        if self._taken(unit.offer_id, order_id):
            return units.OfferUsed()
        self.claims[unit.seller, unit.key] = _Claim(
            order_id, unit.offer_id, unit.body_hash, unit.lease_until, changes=unit.changes
        )
        return units.Fresh(order_id, taken_over=claim is not None)

    def _taken(self, offer_id: str, order_id: str) -> bool:
        if not offer_id:
            return False
        ordered = any(
            r.order.offer_id == offer_id and r.order.order_id != order_id
            for r in self.orders.values()
        )
        return ordered or any(
            c.offer_id == offer_id and c.order_id != order_id and c.lease_until > self.clock.now()
            for c in self.claims.values()
        )

    def _recorded(self, claim: _Claim) -> int | None:
        if claim.effect is not None:
            return claim.effect
        return 1 if not claim.changes and claim.order_id in self.orders else None

    def _standing(self, claim: _Claim) -> units.Replay | units.Busy | None:
        recorded = self._recorded(claim)
        if claim.reply is not None:
            return units.Replay(claim.order_id, claim.reply, recorded or 1)
        if claim.lease_until > self.clock.now():
            return units.Busy()
        return units.Replay(claim.order_id, None, recorded) if recorded else None

    def _DropClaim(self, unit: units.DropClaim) -> None:  # noqa: N802  # by unit's name
        claim = self.claims.get((unit.seller, unit.key))
        own = claim and unit.lease_until in (None, claim.lease_until)
        if claim and own and claim.reply is None and self._recorded(claim) is None:
            del self.claims[unit.seller, unit.key]

    def _KeepReply(self, unit: units.KeepReply) -> None:  # noqa: N802  # by unit's name
        claim = self.claims[unit.seller, unit.key]
        claim.reply = claim.reply or unit.reply

    def _RecordOrder(self, unit: units.RecordOrder) -> None:  # noqa: N802  # by unit's name
        order = unit.order
        known = self.orders.get(order.order_id)
        if (known.order.sequence if known else 0) != unit.from_sequence:
            raise Conflict("changed meanwhile")
        if unit.done_attempt:
            task = self.tasks.get(unit.done_task or "")
            if task is None or task.attempts != unit.done_attempt:
                raise units.LeaseLost("another has it")
        if unit.claimed_by:
            claim = self.claims.get((order.seller, unit.claimed_by))
            if claim is None or claim.effect is not None:
                raise units.EffectUsed("done already")
            claim.effect = order.sequence
        assert order.sequence == unit.from_sequence + len(unit.events)
        people = unit.people or (known.people if known else People())
        for move in unit.stock:
            if self.stock[move.place] + move.count > move.limit:
                raise units.SoldOut("sold out", code="493")
        for move in unit.stock:
            self.stock[move.place] += move.count
        self.orders[order.order_id] = OrderRecord(order, people)
        self.events.setdefault(order.order_id, []).extend(unit.events)
        self.ledger.extend(unit.transactions)
        if unit.done_task is not None:
            self.tasks.pop(unit.done_task, None)
            self.leases.pop(unit.done_task, None)
        task = unit.next_task
        if task is not None and task.key not in self.tasks:
            leased = unit.lease_until is not None
            self.tasks[task.key] = replace(task, attempts=int(leased))
            if unit.lease_until is not None:
                self.leases[task.key] = unit.lease_until

    def _LeaseTasks(self, unit: units.LeaseTasks) -> tuple[Task, ...]:  # noqa: N802  # by unit's name
        due = [
            task
            for key, task in self.tasks.items()
            if task.due_at <= unit.now and self.leases.get(key, unit.now) <= unit.now
        ]
        leased = [replace(task, attempts=task.attempts + 1) for task in due[: unit.limit]]
        for task in leased:
            self.tasks[task.key] = task
            self.leases[task.key] = unit.until
        return tuple(leased)

    def _PostponeTask(self, unit: units.PostponeTask) -> None:  # noqa: N802  # by unit's name
        if unit.key in self.tasks and unit.attempt in (0, self.tasks[unit.key].attempts):
            self.tasks[unit.key] = replace(
                self.tasks[unit.key],
                due_at=unit.due_at,
                last_error=unit.error,
                parked=unit.parked,
            )
            self.leases.pop(unit.key, None)

    def _DropTask(self, unit: units.DropTask) -> None:  # noqa: N802  # by unit's name
        self.tasks.pop(unit.key, None)

    def _KeepQuote(self, unit: units.KeepQuote) -> None:  # noqa: N802  # by unit's name
        self.quotes.setdefault(unit.quote.quote_id, unit.quote)

    async def find_quote(self, quote_id: str) -> Quote | None:
        return self.quotes.get(quote_id)

    async def get_order(self, order_id: str, seller: str | None) -> OrderRecord:
        record = self.orders.get(order_id)
        if record is None or seller not in (None, record.order.seller):
            raise NotFound("no such order")
        return record

    async def find_by_booking(self, locator: str, seller: str | None) -> OrderRecord | None:
        for record in self.orders.values():
            if seller in (None, record.order.seller) and any(
                b.locator == locator for b in record.order.bookings
            ):
                return record
        return None

    async def list_events(self, order_id: str) -> list[Event]:
        return self.events[order_id]

    async def find_offer(self, _offer_id: str) -> Offer | None:
        return None

    async def find_claim(self, seller: str, key: str) -> units.Replay | units.Busy | None:
        claim = self.claims.get((seller, key))
        return self._standing(claim) if claim else None

    async def stock_taken(self, flight: FlightKey) -> dict[str, int]:
        return {place.what: n for place, n in self.stock.items() if place.flight == flight and n}

    async def list_tasks(self, order_id: str | None) -> list[Task]:
        return [t for t in self.tasks.values() if order_id in (None, t.order_id)]

    async def close(self) -> None: ...


# -- the other sides -------------------------------------------------------------------------


class Faulty:
    """Idempotent by reference; shows the faults that were planted, one a call of a verb.

    fails, rejects: refused for good, for now; before, after: no reply, nothing or all done;
    slow: answers after 50 ms; raises: the adapter breaks its promise; lost: find does not know.
    """

    def __init__(self) -> None:
        self.faults: dict[str, list[str]] = {}
        self.done: dict[str, Any] = {}  # what each reference made
        self.calls: Counter[str] = Counter()
        self.applied: Counter[str] = Counter()

    def plant(self, verb: str, *kinds: str) -> None:
        self.faults.setdefault(verb, []).extend(kinds)

    async def _do(self, verb: str, reference: str, act: Any) -> Outcome[Any]:
        self.calls[verb] += 1
        await asyncio.sleep(0)
        kinds = self.faults.get(verb, [])
        kind = kinds.pop(0) if kinds else ""
        if kind.startswith("code:"):
            return Rejected(kind[5:], "refused by the issuer")
        if kind in ("fails", "rejects"):
            return Rejected("NO", f"{verb} refused", final=kind == "fails")
        if kind == "before":
            return Unknown("no reply")
        if kind == "raises":
            raise RuntimeError("a bug of the adapter")
        if reference not in self.done:
            answer = act()
            if isinstance(answer, Rejected):
                return answer
            self.done[reference] = answer
            self.applied[verb] += 1
        if kind == "slow":
            await asyncio.sleep(0.05)
        return Unknown("reply lost") if kind == "after" else Confirmed(self.done[reference])

    async def find(self, reference: str) -> Outcome[Any]:
        self.calls["find"] += 1
        kinds = self.faults.get("find", [])
        if kinds:
            kind = kinds.pop(0)
            return Unknown("no reply") if kind == "before" else Rejected("NO", "down", final=False)
        return Confirmed(self.done.get(reference))

    async def close(self) -> None: ...


class FakePss(Faulty):
    """seats: left on every flight and class, all flights together."""

    name = "fake"

    def __init__(self, seats: int = 100) -> None:
        super().__init__()
        self.seats = seats
        self.holds: dict[str, int] = {}
        self.pnrs: dict[str, Pnr] = {}
        self.seated: dict[tuple[Any, Any], str] = {}  # a flight's seat: reference or locator
        self.documents: dict[str, Document] = {}
        self._numbers = count(9991000000001)

    async def hold(self, reference: str, sales: Any, expires_at: datetime) -> Outcome[Hold]:
        def act() -> Any:
            wanted = sum(sale.seats for sale in sales)
            if wanted > self.seats:
                return Rejected("SOLD OUT", f"{sales[0].flight} has no {wanted} seats")
            self.seats -= wanted
            self.holds[reference] = wanted
            return Hold(reference, tuple(sales), expires_at)

        return await self._do("hold", reference, act)

    async def release(self, reference: str) -> Outcome[None]:
        def act() -> None:
            self.seats += self.holds.pop(reference, 0)
            self._seat("", (), reference)

        return await self._do("release", f"{reference}/release", act)

    async def book(self, reference: str, booking: Booking) -> Outcome[Pnr]:
        def act() -> Any:
            assert self.holds.pop(booking.hold_reference, None), "booked without a hold"
            locator = f"LOC{len(self.pnrs):03}"
            segments = tuple(PnrSegment(s.flight, s.rbd, s.seats, "HK") for s in booking.sales)
            self._seat(locator, booking.choices, booking.hold_reference)
            self.pnrs[locator] = Pnr(
                locator,
                "XX",
                booking.order_id,
                segments,
                booking.travellers,
                booking.services,
                choices=booking.choices,
            )
            return self.pnrs[locator]

        return await self._do("book", reference, act)

    async def cancel(self, reference: str, locator: str) -> Outcome[Pnr]:
        def act() -> Pnr:
            pnr = self.pnrs[locator]
            assert not pnr.cancelled, "cancelled twice"
            self.seats += self.sold(pnr)
            self._seat("", (), locator)
            self.pnrs[locator] = replace(pnr, cancelled=True, choices=())
            return self.pnrs[locator]

        return await self._do("cancel", reference, act)

    @staticmethod
    def sold(pnr: Pnr) -> int:
        return sum(segment.seats for segment in pnr.segments if segment.code != "HX")

    async def cancel_part(
        self, reference: str, locator: str, flights: Any, passenger_ids: Any
    ) -> Outcome[Pnr]:
        def act() -> Pnr:
            pnr = self.pnrs[locator]
            staying = tuple(t for t in pnr.travellers if t.passenger_id not in passenger_ids)
            seats = sum(t.type.seated for t in staying)
            segments = tuple(
                replace(s, code="HX") if s.flight in flights else replace(s, seats=seats)
                for s in pnr.segments
            )
            after = replace(pnr, segments=segments, travellers=staying)
            assert staying
            assert self.sold(after)
            self.seats += self.sold(pnr) - self.sold(after)
            self.pnrs[locator] = after
            return after

        return await self._do("cancel_part", reference, act)

    def _seats_go(self, choices: Any, *own: str) -> Any:
        """Rejected where one of them is another holder's."""
        for each in choices:
            if self.seated.get((each.flight, each.seat), own[0]) not in own:
                return Rejected("SEAT TAKEN", f"{each.seat} is taken")
        return None

    def _seat(self, holder: str, choices: Any, *own: str) -> None:
        kept = {key: who for key, who in self.seated.items() if who not in own}
        self.seated = kept | {(each.flight, each.seat): holder for each in choices}

    async def taken(self, flight: Any) -> Outcome[frozenset[Any]]:
        return Confirmed(frozenset(seat for at, seat in self.seated if at == flight))

    async def hold_seats(self, reference: str, choices: Any, _until: datetime) -> Outcome[None]:
        def act() -> Any:
            refused = self._seats_go(choices, reference)
            if refused is None:
                self._seat(reference, choices, reference)
            return refused

        return await self._do("hold_seats", f"{reference}/seats", act)

    async def assign_seats(
        self, reference: str, locator: str, hold_reference: str, choices: Any
    ) -> Outcome[Pnr]:
        def act() -> Any:
            refused = self._seats_go(choices, locator, hold_reference)
            if refused is not None:
                return refused
            self._seat(locator, choices, locator, hold_reference)
            self.pnrs[locator] = replace(self.pnrs[locator], choices=tuple(choices))
            return self.pnrs[locator]

        return await self._do("assign_seats", reference, act)

    async def update_services(self, reference: str, locator: str, services: Any) -> Outcome[Pnr]:
        def act() -> Pnr:
            self.pnrs[locator] = replace(self.pnrs[locator], services=tuple(services))
            return self.pnrs[locator]

        return await self._do("update_services", reference, act)

    async def issue(
        self, reference: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        return await self._do("issue", reference, lambda: self._issued(request))

    def _issued(self, request: DocumentRequest) -> tuple[Document, ...]:
        made: list[Document] = []
        status = CouponStatus.FLOWN if request.consumed else CouponStatus.OPEN
        for start in range(0, len(request.coupons), COUPONS_A_DOCUMENT):
            part = request.coupons[start : start + COUPONS_A_DOCUMENT]
            document = Document(
                str(next(self._numbers)),
                request.type,
                request.passenger_id,
                NOW,
                tuple(
                    Coupon(
                        n, status, c.segment_id, c.flight, c.rbd, c.fare_basis,
                        c.value, c.service_id, c.rfisc,
                    )
                    for n, c in enumerate(part, 1)
                ),
                request.total,
                made[0].number if made else None,
                rfic=request.rfic,
                associated_with=request.associated_with,
            )  # fmt: skip
            made.append(document)
            self.documents[document.number] = document
        return tuple(made)

    async def add_flights(
        self, reference: str, locator: str, hold_reference: str, sales: Any
    ) -> Outcome[Pnr]:
        def act() -> Pnr:
            assert self.holds.pop(hold_reference, None), "added without a hold"
            pnr = self.pnrs[locator]
            assert {s.seats for s in sales} == {sum(t.type.seated for t in pnr.travellers)}
            new = tuple(PnrSegment(s.flight, s.rbd, s.seats, "HK") for s in sales)
            self.pnrs[locator] = replace(pnr, segments=(*pnr.segments, *new))
            return self.pnrs[locator]

        return await self._do("add_flights", reference, act)

    async def drop_flights(self, reference: str, locator: str, sales: Any) -> Outcome[Pnr]:
        def act() -> Pnr:
            pnr, gone = self.pnrs[locator], {(s.flight, s.rbd) for s in sales}
            live = {(s.flight, s.rbd) for s in pnr.segments if s.code != "HX"}
            assert gone < live, "dropped what is not there, or everything"
            segments = tuple(
                replace(s, code="HX") if (s.flight, s.rbd) in gone else s for s in pnr.segments
            )
            kept = {s.flight for s in segments if s.code != "HX"}
            choices = tuple(c for c in pnr.choices if c.flight in kept)
            self._seat(locator, choices, locator)
            after = replace(pnr, segments=segments, choices=choices)
            self.seats += self.sold(pnr) - self.sold(after)
            self.pnrs[locator] = after
            return after

        return await self._do("drop_flights", reference, act)

    async def divide(
        self, reference: str, locator: str, passenger_ids: Any, order_id: str = ""
    ) -> Outcome[Pnr]:
        def part(pnr: Pnr, travellers: Any, name: str) -> Pnr:
            seats = sum(t.type.seated for t in travellers)
            assert seats
            segments = tuple(s if s.code == "HX" else replace(s, seats=seats) for s in pnr.segments)
            who = {t.passenger_id for t in travellers}
            choices = tuple(c for c in pnr.choices if c.passenger_id in who)
            made = replace(pnr, locator=name, segments=segments, choices=choices)
            return replace(made, travellers=tuple(travellers))

        def act() -> Pnr:
            old, name = self.pnrs[locator], f"LOC{len(self.pnrs):03}"
            going = [t for t in old.travellers if t.passenger_id in passenger_ids]
            self.pnrs[name] = replace(part(old, going, name), order_id=order_id or old.order_id)
            self.pnrs[locator] = part(old, [t for t in old.travellers if t not in going], locator)
            self._seat(locator, self.pnrs[locator].choices, locator)
            self._seat(name, self.pnrs[name].choices, name)
            return self.pnrs[name]

        return await self._do("divide", reference, act)

    async def rename(self, reference: str, locator: str, traveller: Any) -> Outcome[Pnr]:
        def act() -> Pnr:
            pnr = self.pnrs[locator]
            assert traveller.passenger_id in {t.passenger_id for t in pnr.travellers}
            travellers = tuple(
                traveller if t.passenger_id == traveller.passenger_id else t for t in pnr.travellers
            )
            self.pnrs[locator] = replace(pnr, travellers=travellers)
            return self.pnrs[locator]

        return await self._do("rename", reference, act)

    async def exchange(
        self, reference: str, number: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        first = self.documents[number].conjunction_of or number

        def act() -> Any:
            old = [d for d in self.documents.values() if first in (d.number, d.conjunction_of)]
            may = [COUPON.may(c.status, CouponStatus.EXCHANGED) for d in old for c in d.coupons]
            if not any(may):
                return Rejected("NO", "no coupon is open")
            for each in old:
                coupons = tuple(
                    replace(c, status=CouponStatus.EXCHANGED)
                    if COUPON.may(c.status, CouponStatus.EXCHANGED)
                    else c
                    for c in each.coupons
                )
                self.documents[each.number] = replace(each, coupons=coupons)
            self._emds_follow(first, lambda c: replace(c, status=CouponStatus.EXCHANGED))
            made = tuple(replace(d, exchange_of=first) for d in self._issued(request))
            self.documents.update({d.number: d for d in made})
            return made

        return await self._do("exchange", reference, act)

    def _emds_follow(self, ticket: str, becomes: Any) -> None:
        """Open coupons of EMDs that go with the ticket."""
        for each in list(self.documents.values()):
            if each.associated_with == ticket:
                coupons = tuple(
                    becomes(c) if c.status is CouponStatus.OPEN else c for c in each.coupons
                )
                self.documents[each.number] = replace(each, coupons=coupons)

    async def associate(
        self, reference: str, number: str, ticket: str | None, wanted: Any
    ) -> Outcome[tuple[Document, ...]]:
        def act() -> tuple[Document, ...]:
            becomes = {each.segment_id: each.becomes for each in wanted}
            old = self.documents[number]
            assert becomes.keys() <= {c.segment_id for c in old.coupons}
            coupons = tuple(
                replace(c, segment_id=to.segment_id, flight=to.flight, rbd=to.rbd)
                if (to := becomes.get(c.segment_id)) and c.status is CouponStatus.OPEN
                else c
                for c in old.coupons
            )
            if ticket is not None:
                flown = {c.flight for c in self.documents[ticket].coupons if c.status in "OACLS"}
                assert {c.flight for c in coupons if c.status is CouponStatus.OPEN} <= flown
            self.documents[number] = replace(old, coupons=coupons, associated_with=ticket)
            return (self.documents[number],)

        return await self._do("associate", reference, act)

    async def revalidate(
        self, reference: str, number: str, wanted: Any
    ) -> Outcome[tuple[Document, ...]]:
        first = self.documents[number].conjunction_of or number

        def act() -> tuple[Document, ...]:
            becomes = {each.segment_id: each.becomes for each in wanted}
            made = []
            for each in list(self.documents.values()):
                if first in (each.number, each.conjunction_of):
                    coupons = tuple(
                        replace(c, segment_id=to.segment_id, flight=to.flight)
                        if (to := becomes.get(c.segment_id)) and c.status is CouponStatus.OPEN
                        else c
                        for c in each.coupons
                    )
                    self.documents[each.number] = replace(each, coupons=coupons)
                    made.append(self.documents[each.number])

            def follow(coupon: Coupon) -> Coupon:
                to = becomes.get(coupon.segment_id)
                return replace(coupon, segment_id=to.segment_id, flight=to.flight) if to else coupon

            self._emds_follow(first, follow)
            return tuple(made)

        return await self._do("revalidate", reference, act)

    async def document(self, number: str) -> Outcome[Document | None]:
        return Confirmed(self.documents.get(number))

    def void_by_hand(self, number: str) -> Document:
        old = self.documents[number]
        coupons = tuple(
            c if c.status is CouponStatus.VOID
            else replace(c, status=COUPON.check(c.status, CouponStatus.VOID))
            for c in old.coupons
        )  # fmt: skip
        self.documents[number] = replace(old, coupons=coupons)
        return self.documents[number]

    async def void(self, reference: str, number: str) -> Outcome[Document]:
        outcome = await self._do("void", reference, lambda: (self.void_by_hand(number),))
        return Confirmed(outcome.value[0]) if isinstance(outcome, Confirmed) else outcome

    async def refund(self, reference: str, number: str) -> Outcome[Document]:
        """The whole conjunction set."""
        first = self.documents[number].conjunction_of or number

        def act() -> Any:
            for each in list(self.documents.values()):
                if first in (each.number, each.conjunction_of):
                    coupons = tuple(
                        replace(c, status=CouponStatus.REFUNDED)
                        if COUPON.may(c.status, CouponStatus.REFUNDED)
                        else c
                        for c in each.coupons
                    )
                    self.documents[each.number] = replace(each, coupons=coupons)
            return (self.documents[number],)

        outcome = await self._do("refund", reference, act)
        return Confirmed(outcome.value[0]) if isinstance(outcome, Confirmed) else outcome

    def fly(self, number: str, segment_id: str, status: CouponStatus = CouponStatus.FLOWN) -> None:
        """At the airport."""
        old = self.documents[number]
        coupons = tuple(
            replace(c, status=status) if c.segment_id == segment_id else c for c in old.coupons
        )
        self.documents[number] = replace(old, coupons=coupons)

    @property
    def live_documents(self) -> list[str]:
        return [d.number for d in self.documents.values() if d.live]


class FakeGateway(Faulty):
    def __init__(self, name: str = "cards") -> None:
        super().__init__()
        self.name = name
        self.authorised: dict[str, Money] = {}
        self.captured: dict[str, Money] = {}
        self.released: set[str] = set()
        self.refunded: dict[str, Money] = {}
        self.pages: dict[str, str | None] = {}  # session to authorisation, while it is open

    async def tokenise(self, card: CardData) -> Card:
        if not card.number.isdigit():
            raise Invalid("no card number", code="708", remedy="send one")
        return Card(f"tok-{hash(card.number) % 97}", card.brand, card.number[-4:])

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:
        def act() -> str:
            self.authorised[reference] = charge.amount
            return reference

        return await self._do("authorise", reference, act)

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:
        def act() -> str:
            assert authorisation not in self.released, "captured after release"
            assert amount <= self.authorised[authorisation]
            self.captured[reference] = amount
            return reference

        return await self._do("capture", reference, act)

    async def release(self, reference: str, authorisation: str) -> Outcome[None]:
        return await self._do("release", reference, lambda: self.released.add(authorisation))

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]:
        def act() -> str:
            before = self.refunded.get(capture, Money.zero(amount.currency))
            assert before + amount <= self.captured[capture]
            self.refunded[capture] = before + amount
            return reference

        return await self._do("refund", reference, act)

    @property
    def charged(self) -> list[str]:
        """Captures of which not everything was paid back."""
        return [c for c, amount in self.captured.items() if self.refunded.get(c) != amount]

    @property
    def kept(self) -> int:
        """Minor units that were captured and not paid back."""
        captured = sum(amount.minor for amount in self.captured.values())
        return captured - sum(amount.minor for amount in self.refunded.values())


class FakePages(FakeGateway):
    """A provider with pages."""

    async def open_page(
        self, reference: str, charge: Charge, _return_url: str | None, expires_at: datetime
    ) -> Outcome[Page]:
        def act() -> Page:
            self.pages[reference] = None
            self.amounts[reference] = charge.amount
            return Page(reference, f"https://pay.example/{reference}", expires_at)

        return await self._do("open_page", reference, act)

    async def close_page(self, reference: str, session: str) -> Outcome[str | None]:
        outcome = await self._do("close_page", f"{reference}/close", lambda: session)
        if not isinstance(outcome, Confirmed):
            return outcome
        return Confirmed(self.pages.pop(session, self.paid.get(session)))

    def read_notice(self, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        if headers.get("signed") != "yes":
            raise NotAllowed("not signed")
        session, _, paid = body.decode().partition(" ")
        return PaymentNotice(session, session, paid or None, "" if paid else "gave up")

    def pay(self, session: str) -> bytes:
        """The payer pays: the callback's body."""
        authorisation = f"{session}/paid"
        self.authorised[authorisation] = self.amounts[session]
        self.paid[session] = self.pages[session] = authorisation
        return f"{session} {authorisation}".encode()

    def __init__(self, name: str = "pages") -> None:
        super().__init__(name)
        self.amounts: dict[str, Money] = {}
        self.paid: dict[str, str] = {}


# -- an offer, and the request that accepts it -----------------------------------------------

AGES = {
    kind: PassengerRule(kind, kind.name, low, high, Decimal(100), "")
    for kind, low, high in (
        (T.ADULT, 12, 130),
        (T.CHILD, 2, 11),
        (T.INFANT, 0, 1),
        (T.INFANT_SEATED, 0, 1),
        (T.YOUTH, 12, 24),
    )
}
BORN = {
    T.ADULT: date(1990, 5, 5),
    T.CHILD: date(2025, 1, 2),
    T.INFANT: date(2030, 6, 1),
    T.INFANT_SEATED: date(2030, 6, 1),
    T.YOUTH: date(2012, 1, 1),
}
FAMILY = FareFamily(
    "FLEX", "Flex", Cabin.ECONOMY, 1, ("a bag",), Baggage(1, 8, 1, 23), True, True, True
)
RULES = (Restriction(Stage.BEFORE, True, Money(5000, "EUR"), "50 EUR"),)


def catalogue() -> Catalogue:
    """A bag on an EMD-A, a lounge on an EMD-S of which there is one a flight, a wheelchair."""
    everybody = frozenset(PassengerType)

    def product(code: str, emd: EmdKind, price: str, **more: Any) -> CatalogueProduct:
        known = {"ssr": "WCHR"} if not Decimal(price) else {"rfic": "C", "rfisc": "0CC"}
        return CatalogueProduct(
            Product(code, code.title(), emd=emd, **known | more),
            taxonomy="",
            per="flight",
            passengers=everybody,
            cabins=frozenset(Cabin),
            families=frozenset(),
            included_in=frozenset(),
            most=3,
            notice_h=0,
            bundle=(),
            prices=(ServicePrice("*", None, Decimal(price), "EUR"),),
        )

    found = (
        product("BAG", EmdKind.ASSOCIATED, "25.01", ssr="XBAG", refund_until_h=24),
        product("LOUNGE", EmdKind.STANDALONE, "40.00", stock=1, refundable=False),
        product("CHAIR", EmdKind.NONE, "0"),
    )
    zones: Any = None  # every price is for everywhere
    euro = CurrencyRule("EUR", Decimal(1), Decimal("0.01"), Decimal("0.01"))
    return Catalogue(rates=Rates(zones, {}, {"EUR": euro}), found=found)


def fare(kind: PassengerType, currency: str = "EUR") -> Fare:
    base = 1003 if kind is T.INFANT else 10007
    taxes = (Tax("YR", "carrier", Money(1234, currency), True),)
    return Fare(f"YFLEX{kind}", Money(base, currency), taxes)


def bound(day: int, flights: int, there: bool = True, currency: str = "EUR") -> PricedBound:
    start = datetime(2031, 5, day, 8, tzinfo=UTC)
    segments = []
    for at in range(flights):
        stops = [f"AA{chr(65 + at)}", f"AA{chr(66 + at)}"][:: 1 if there else -1]
        leaves = start + timedelta(hours=3 * at)
        leg = Leg(stops[0], stops[1], leaves, leaves + timedelta(hours=2), "320")
        segments.append(Segment("XX", str(100 + at), "XX", str(100 + at), (leg,)))
    return PricedBound(
        Journey(tuple(segments)),
        FAMILY,
        ("Y",) * flights,
        {kind: fare(kind, currency) for kind in T},
        RULES,
        RULES,
    )


def party_of(*kinds: PassengerType) -> tuple[Passenger, ...]:
    """PAX1 and on; infants go to the adults in turn."""
    adults = [f"PAX{n}" for n, kind in enumerate(kinds, 1) if kind is T.ADULT]
    laps = iter(adults)
    return tuple(
        Passenger(f"PAX{n}", kind, next(laps) if kind is T.INFANT else None)
        for n, kind in enumerate(kinds, 1)
    )


def offer_for(
    party: tuple[Passenger, ...], bounds: tuple[PricedBound, ...] | None = None, **other: Any
) -> Offer:
    given: dict[str, Any] = {
        "offer_id": "OFFER-0123456789A",
        "owner": "XX",
        "seller": SELLER.org_id,
        "currency": "EUR",
        "party": party,
        "bounds": bounds or (bound(2, 1), bound(9, 2, there=False)),
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=30),
        "pricing_version": "v1",
    }
    return Offer(**given | other)


def people_of(party: tuple[Passenger, ...]) -> People:
    persons = tuple(
        Person(
            p.id,
            "Example",
            (chr(64 + n) * 3,),
            birthdate=BORN[p.type],
            title="Mr",
            contact_ids=("C1",) if n == 1 else (),
        )
        for n, p in enumerate(party, 1)
    )
    return People(persons, (Contact("C1", emails=("a@example.com",), phones=("+49 30 123456",)),))


CARD = CardData("4000000000000002", "1233", "VI", "123", "A EXAMPLE")


def request_for(offer: Offer, **other: Any) -> CreateRequest:
    items = tuple(SelectedItem(i.id, (i.passenger.id,), "/item") for i in offer.items)
    given: dict[str, Any] = {
        "selections": (Selection(offer.offer_id, offer.owner, items, "/offer"),),
        "passengers": offer.party,
        "people": people_of(offer.party),
        "payments": (PaymentRequest(PaymentForm.CARD, offer.total, CARD, path="/PaymentDetails"),),
        "passengers_path": "/RQ/DataLists/PaxList",
    }
    return CreateRequest(**given | other)


def attempt(key: str = "trx:1", body: str = "aa") -> Attempt:
    return Attempt(key, body)


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
