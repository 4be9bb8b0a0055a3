"""A house as the web application's parts."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ndc_oms.boot.house import House
from ndc_oms.config import Config
from ndc_oms.errors import Unavailable
from ndc_oms.orders.callback import PaymentCallback
from ndc_oms.payments.gateways.magic import MAGIC
from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.server.app import Parts
from ndc_oms.server.pages import Welcome
from ndc_oms.world.world import World


def parts(house: House, siblings: Path | None = None) -> Parts:
    """The web application's parts, with the work that runs beside it. siblings: see Parts."""
    beside: list[asyncio.Task[None]] = []
    stop = asyncio.Event()

    async def start() -> None:
        await house.store.begin_work(house.deliverer.owner)
        beside.append(asyncio.create_task(house.availability.follow(), name="availability"))
        beside.append(asyncio.create_task(house.store.watch.run_forever(stop), name="watch"))
        if house.config.deliver:
            beside.append(asyncio.create_task(house.deliverer.run_forever(stop), name="deliver"))
            beside.append(asyncio.create_task(house.feed.run_forever(stop), name="feed"))
            beside.append(asyncio.create_task(house.notifier.run_forever(stop), name="notify"))
            beside.append(asyncio.create_task(house.store.purger.run_forever(stop), name="purge"))

    async def end() -> None:
        stop.set()
        beside[0].cancel()
        for task in beside:
            with suppress(asyncio.CancelledError):
                await task
        await house.deliverer.finish()

    return Parts(
        exchange=house.exchange,
        sellers=house.store.sellers,
        config=house.config,
        clock=house.clock,
        ready=_readiness(house),
        welcome=welcome(house.config, house.world),
        trials=house.trials,
        partners=house.board,
        siblings=siblings,
        callback=PaymentCallback(house.store, house.sides.gateways, house.deliverer, house.clock),
        payer_pages=_payer_pages(house) if house.config.test_mode else None,
        on_start=(start,),
        on_stop=(end,),
    )


def welcome(config: Config, world: World) -> Welcome:
    """What the start page tells a newcomer."""
    demo = next((each for each in world.sellers if each.test), None)
    return Welcome(
        airline=world.airline.name,
        designator=world.airline.designator,
        key=demo.key if demo and config.test_mode else "",
        org_id=demo.org_id if demo else "",
        origin=world.airline.hub,
        currency=world.airline.currency,
        cards=tuple((each.number, each.shows) for each in MAGIC),
        public_url=config.public_url,
    )


def _payer_pages(house: House) -> PaymentPages | None:
    pages = house.sides.gateways.get("payment-page")
    return pages if isinstance(pages, PaymentPages) else None


def _readiness(house: House) -> Callable[[], Coroutine[Any, Any, Mapping[str, str]]]:
    async def ready() -> Mapping[str, str]:
        """What is wrong with each part; nothing where it is well."""
        said = {"store": "", "pss": ""}
        try:
            await house.store.list_tasks("")
        except Exception as failed:  # a probe tells what it met
            said["store"] = type(failed).__name__
        today = house.clock.now().date()
        try:
            await house.availability.ensure((today,))
        except Unavailable as silent:
            said["pss"] = silent.text
        return said

    return ready
