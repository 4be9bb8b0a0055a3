"""A sequence: one order in a house of its own, and steps until it is over or enough were done."""

import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

import structlog
from tests.sequences import airline, buying, changing
from tests.sequences.calm import CalmHouse
from tests.sequences.holding import check, check_end
from tests.sequences.life import DONE, BrokenError, Life, Step

from ndc_oms.kit.requests import order_retrieve
from ndc_oms.kit.simulation.ground import Ground
from ndc_oms.model.order import Order

# Each step and how often it is tried, among those that can be done.
STEPS: Final[dict[str, tuple[Step, int]]] = {
    "pay": (buying.pay, 8),
    "reprice": (buying.reprice, 6),
    "payer pays": (buying.payer_pays, 10),
    "payer gives up": (buying.payer_gives_up, 3),
    "add services": (buying.add_services, 14),
    "add seats": (buying.add_seats, 12),
    "swap a service": (buying.swap_service, 6),
    "give up unpaid": (changing.give_up_unpaid, 3),
    "give back services": (changing.give_back_services, 9),
    "give back a passenger": (changing.give_back_passenger, 3),
    "give back a journey": (changing.give_back_journey, 2),
    "give back all": (changing.give_back_all, 1),
    "rebook": (changing.rebook, 14),
    "update": (changing.update, 4),
    "repeat": (changing.repeat, 3),
    "change a flight": (airline.change_flight, 7),
    "accept as changed": (airline.accept_as_changed, 6),
    "take it all back": (airline.take_it_all_back, 3),
    "say nothing": (airline.say_nothing, 3),
    "move a coupon": (airline.move_coupon, 7),
    "fly": (airline.fly, 2),
    "wait": (airline.wait, 4),
}
LONGEST: Final = 25  # steps of one sequence: no order is serviced for ever
TRIES: Final = 30  # steps that nobody could do, in a row


@dataclass
class Played:
    """steps: that were carried out. told: all of them. broken: what did not hold; none: all is
    well. counted: steps by name and what they came to. passengers: how many were in the order.
    parts: of partners that flew in place of us, by what became of them.
    """

    seed: int
    steps: int = 0
    told: list[str] = field(default_factory=list)
    broken: str = ""
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    passengers: int = 0
    parts: Counter[str] = field(default_factory=Counter)


async def play(seed: int, ground: Ground, most: int = LONGEST) -> Played:
    """The same seed on the same ground plays the same."""
    played = Played(seed)
    house = CalmHouse(ground, seed)
    life = Life(house, Random(seed), played.counted, told=played.told)
    with structlog.testing.capture_logs() as noise:
        try:
            await _begin(life)
            played.passengers = len(life.party)
            await _live(life, played, most)
            await _look(life)
            played.parts.update(_parts(life.order))
            await house.close()
        except BrokenError as found:
            played.broken = str(found)
        except Exception:
            played.broken = traceback.format_exc()
    errors = [each for each in noise if each["log_level"] in {"error", "critical"}]
    if errors and not played.broken:
        played.broken = f"logged as errors: {errors}"
    return played


async def _begin(life: Life) -> None:
    life.told.append("begin")
    await life.house.settle()
    await buying.begin(life)
    await life.house.settle()
    await check(life)


async def _live(life: Life, played: Played, most: int) -> None:
    tried = 0
    names, weights = list(STEPS), [weight for _, weight in STEPS.values()]
    while played.steps < most and tried < TRIES and not life.is_over:
        (name,) = life.random.choices(names, weights)
        life.told.append(name)
        order = life.order
        came = await STEPS[name][0](life, order)
        if came is None:
            life.told.pop()
            tried += 1
            continue
        tried = 0
        await life.house.settle()
        if came is DONE or life.order != order:  # else nothing is otherwise than it was
            await check(life)
        played.counted[name, "done" if came is DONE else "refused"] += 1
        played.steps += came is DONE


def _parts(order: Order) -> Iterator[str]:
    for part in order.parts:
        if (known := part.protection) is not None:
            yield "placed" if known.placed else "declined" if known.declined else "failed"


async def _look(life: Life) -> None:
    reply = await life.ask(order_retrieve(life.order_id, sender=life.sender))
    if reply.errors:
        raise BrokenError(f"it cannot be retrieved: {reply.errors}")
    await check_end(life)
