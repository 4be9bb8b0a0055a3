"""What a seller of a simulation does, legal and not, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from ndc_oms.kit.simulation.buying import (
    create,
    create_at_once,
    create_late,
    create_with_services,
    price,
    shop,
)
from ndc_oms.kit.simulation.changing import cancel, give_up, pay, reprice, stale, update
from ndc_oms.kit.simulation.looking import look_at_anothers, retrieve
from ndc_oms.kit.simulation.seller import SimulatedSeller
from ndc_oms.kit.simulation.servicing import (
    add_services,
    give_back_service,
    rebook,
    rename,
    split,
)

Act = Callable[[SimulatedSeller], Awaitable[None]]


async def repeat(seller: SimulatedSeller) -> None:
    """A message that was sent before, byte for byte."""
    if not seller.memory.sent:
        return await create(seller)
    sent = seller.random.choice(seller.memory.sent)
    if sent.what == "another's change":
        return None
    await seller.write(sent)
    return None


async def other_body(seller: SimulatedSeller) -> None:
    """Another request under the key of one that was done."""
    done = [each for each in seller.memory.sent if each.done is not None]
    if not done:
        return await create(seller)
    sent = seller.random.choice(done)
    changed = sent.body.replace(b"Hansen", b"Jensen").replace(b"<OrderVersionNumber>", b"\x00")
    changed = changed.replace(b"\x00", b"<OrderVersionNumber>9")
    if changed == sent.body:
        return None
    reply = await seller.ask("other body", changed)
    if reply is not None and not reply.errors:
        seller.find(f"I3: another request under {sent.key} was done")
    return None


async def payer(seller: SimulatedSeller) -> None:
    """A payer who was sent to a page pays there, or gives up; the callback comes, or does not."""
    if not seller.memory.pages:
        return await pay(seller)
    session = seller.random.choice(seller.memory.pages)
    calls = seller.random.choice((0, 1, 1, 2))
    await seller.house.payer_ends(session, pays=seller.chance(0.8), calls=calls)
    return None


ACTS: Final[dict[Act, int]] = {
    price: 4,
    create: 12,
    create_at_once: 6,
    create_late: 7,
    create_with_services: 8,
    retrieve: 3,
    look_at_anothers: 3,
    pay: 14,
    give_up: 6,
    cancel: 12,
    reprice: 5,
    update: 5,
    stale: 3,
    repeat: 8,
    other_body: 3,
    payer: 8,
    add_services: 14,
    give_back_service: 6,
    rebook: 10,
    rename: 5,
    split: 6,
}


async def live(seller: SimulatedSeller, acts: int) -> None:
    """So many acts, one after the other, with pauses."""
    await shop(seller)
    if seller.chance(0.5):
        await price(seller)
    await create(seller)
    for _ in range(acts):
        await asyncio.sleep(seller.random.choice((0.0, 0.01, 0.5, 3.0, 9.0)))
        (act,) = seller.random.choices(list(ACTS), list(ACTS.values()))
        await act(seller)
