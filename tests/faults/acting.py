"""Carrying out what is prepared: a message, a callback, what the airline does, what is due."""

from contextlib import suppress

import aiohttp
from tests.e2e.airline import heard
from tests.e2e.delivering import KEYS
from tests.e2e.receiver import receiving, registered
from tests.e2e.servicing import settle
from tests.faults.flow import Prepared
from tests.houses import Served

from ndc_oms.errors import Refusal
from ndc_oms.kit.client import Reply


async def act(served: Served, prepared: Prepared) -> Reply | None:
    served.clock.advance(prepared.later)
    if prepared.schedule:
        await _airline(served, prepared.schedule)
    if prepared.split:
        with suppress(Refusal):  # it is done already, or goes on by itself
            await served.house.split(prepared.order_id, prepared.split)
    if prepared.body:
        return await post(served, prepared)
    if prepared.callback is not None:
        body, headers = prepared.callback
        url = served.url.replace("/ndc", "/payment/callback/payment-page")
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as response,
        ):
            assert response.status == 204
    await settle(served)
    return None


async def post(served: Served, prepared: Prepared) -> Reply:
    """What a seller's message sets going is waited for by its reply."""
    if not prepared.provider:
        return await served.client.send(prepared.body)
    reply = await served.client.send(prepared.body, KEYS[prepared.provider])
    await settle(served)
    return reply


async def _airline(served: Served, messages: str) -> None:
    """The PSS refuses what it has done already."""
    async with receiving() as receiver:
        await registered(served, receiver.url)
        await served.pss.schedule(messages)
        await heard(served)
        await served.house.notifier.run_due()
        with (served.house.config.data / "told").open("a") as file:
            file.write("".join(f"{name}\n" for name in receiver.names))
