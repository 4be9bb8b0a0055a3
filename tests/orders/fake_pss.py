"""A PSS of a few dictionaries: its seats and bookings; its documents come with it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.orders.fake_documents import FakeDocuments

from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected
from ndc_oms.ports.pss import Booking, Hold, Pnr, PnrSegment


class FakePss(FakeDocuments):
    """seats: left on every flight and class, all flights together."""

    name = "fake"

    def __init__(self, seats: int = 100) -> None:
        super().__init__()
        self.seats = seats
        self.holds: dict[str, int] = {}
        self.pnrs: dict[str, Pnr] = {}
        self.seated: dict[tuple[Any, Any], str] = {}  # a flight's seat: reference or locator

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
