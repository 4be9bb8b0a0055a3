"""`ndc-oms pss …`: tells the simulated reservation system what happens at airports."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from rich.console import Console

from ndc_oms.boot.adapters import open_pss
from ndc_oms.boot.rooms import open_world
from ndc_oms.config import Config
from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.clock import SystemClock
from ndc_oms.ports.outcome import Confirmed, Rejected
from ndc_oms.ports.pss import Pss, Rehearsed

NO_SHOW: Final = "no-show"
# Words for what happens, beside the letters of PADIS 4405 as they are displayed.
WORDS: Final = {
    "open": CouponStatus.OPEN,
    "airport-control": CouponStatus.AIRPORT_CONTROL,
    "checked-in": CouponStatus.CHECKED_IN,
    "boarded": CouponStatus.LIFTED,
    "flown": CouponStatus.FLOWN,
    "suspended": CouponStatus.SUSPENDED,
}


async def move_coupon(
    config: Config, number: str, coupon: int, word: str, console: Console
) -> None:
    """word: of WORDS, NO_SHOW, or a letter. Raises Invalid for another, Unavailable (182) for
    what the reservation system does not do.
    """
    async with _pss(config) as pss:
        if word == NO_SHOW and isinstance(pss, Rehearsed):
            done = await pss.no_show(number, coupon)
        else:
            reference = f"by-hand:{secrets.token_hex(8)}"
            done = await pss.set_coupon(reference, number, coupon, status_of(word))
    if not isinstance(done, Confirmed):
        raise Unavailable(f"The reservation system does not do it: {done.reason}.", code="182")
    for each in done.value.coupons:
        console.print(f"{number}/{each.number}: {each.status.name.lower()} ({each.status})")


async def change_schedule(config: Config, messages: str, console: Console) -> None:
    """Raises Invalid for a text that cannot be carried out; nothing of it is done then."""
    async with _pss(config) as pss:
        if not isinstance(pss, Rehearsed):
            raise Invalid(f"The schedule of {pss.name} is not changed from here.")
        done = await pss.schedule(messages)
    if isinstance(done, Rejected):
        raise Invalid(f"{done.reason}.", remedy="Mend that line; nothing was changed.")
    if not isinstance(done, Confirmed):
        raise Unavailable(f"The reservation system does not say: {done.reason}.")
    for change in done.value:
        console.print(f"{change.message} {change.key}: {_shown(change)}", highlight=False)


def _shown(change: FlightChange) -> str:
    if change.new is None:
        return "does not operate"
    legs = change.new.legs
    times = ", ".join(
        f"{leg.origin} {leg.departure:%H:%M} {leg.destination} {leg.arrival:%H:%M}" for leg in legs
    )
    return f"{times} ({legs[0].aircraft})"


def status_of(word: str) -> CouponStatus:
    """Raises Invalid."""
    found = WORDS.get(word.lower())
    if found is not None:
        return found
    try:
        return CouponStatus(word.upper())
    except ValueError:
        raise Invalid(
            f"{word!r} is no status of a coupon.",
            remedy=f"Use one of {', '.join([*WORDS, NO_SHOW])}, or a letter of PADIS 4405.",
        ) from None


@asynccontextmanager
async def _pss(config: Config) -> AsyncIterator[Pss]:
    """The one of a house that may be running: they share its file."""
    pss = open_pss(config, open_world(config), SystemClock())
    try:
        yield pss
    finally:
        await pss.close()
