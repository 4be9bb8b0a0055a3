"""`ndc-oms seller notify` and `ndc-oms notifications …`: who is told of changes, and of what."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.table import Table

from ndc_oms.config import Config
from ndc_oms.errors import NotFound, Unavailable
from ndc_oms.fulfilment.outbound import Outbound, UndeliveredError
from ndc_oms.fulfilment.signing import HEADER, PING, key_of, new_salt, signature
from ndc_oms.ports.clock import SystemClock
from ndc_oms.ports.notify import DropEndpoint, Endpoint, PutEndpoint, ResendNotifications
from ndc_oms.store.sql_store import SqlStore, open_store


async def register(config: Config, org_id: str, url: str, console: Console) -> None:
    """Raises Invalid (912), NotAllowed (368) for a URL that may not be posted to, NotFound (717)
    for no such seller, Unavailable where the endpoint does not answer.
    """
    endpoint = Endpoint(org_id, url, new_salt(), SystemClock().now())
    key = key_of(config.secret_bytes(), endpoint)
    async with _store(config) as store:
        known = {record.seller.org_id for record in await store.sellers.list_sellers()}
        if org_id not in known:
            raise NotFound(f"There is no seller {org_id}.", code="717")
        await _ping(config, url, key)
        await store.write(PutEndpoint(endpoint))
    console.print(f"Seller {org_id} is told of changes at {url}.", highlight=False)
    console.print("Notifications are signed (X-NDC-OMS-Signature) with this key, shown this once:")
    console.print(f"  [bold]{key}[/bold]", highlight=False, soft_wrap=True)


async def _ping(config: Config, url: str, key: str) -> None:
    """A signed word that is no notification."""
    body = b"ping " + secrets.token_hex(16).encode()
    headers = {
        "Content-Type": "text/plain",
        PING: "1",
        HEADER: signature(key, body, SystemClock().now()),
    }
    outbound = Outbound(everywhere=config.test_mode)
    try:
        reply = await outbound.post(url, body, headers)
        if not 200 <= reply.status < 300:
            raise UndeliveredError(f"HTTP {reply.status}")
    except UndeliveredError as failed:
        raise Unavailable(
            f"The endpoint does not answer a ping: {failed}.",
            remedy="It has to answer a POST with success (HTTP 200 to 299).",
        ) from failed
    finally:
        await outbound.close()


async def unregister(config: Config, org_id: str, console: Console) -> None:
    async with _store(config) as store:
        there = await store.write(DropEndpoint(org_id))
    said = "is told of changes nowhere any more" if there else "had no endpoint"
    console.print(f"Seller {org_id} {said}.", highlight=False)


async def list_notifications(config: Config, order_id: str, console: Console) -> None:
    async with _store(config) as store:
        found = await store.list_notifications(order_id.strip().upper() or None)
    table = Table(title=f"{len(found)} notifications")
    for name in ("order", "no.", "receiver", "made", "state", "sent", "next", "answer or error"):
        table.add_column(name, overflow="fold")
    for each in found:
        waits = f"{each.due_at:%Y-%m-%d %H:%M}" if each.state == "waiting" else ""
        table.add_row(
            each.order_id,
            str(each.sequence),
            each.receiver,
            f"{each.created_at:%Y-%m-%d %H:%M}",
            each.state,
            str(each.attempts),
            waits,
            each.answer or each.last_error,
        )
    console.print(table)


async def resend(config: Config, order_id: str, sequence: int | None, console: Console) -> None:
    """Raises NotFound (129)."""
    wanted = ResendNotifications(order_id.strip().upper(), sequence, SystemClock().now())
    async with _store(config) as store:
        count = await store.write(wanted)
    if not count:
        raise NotFound(f"Nobody was told of order {order_id}, or not of that event.")
    console.print(f"{count} notification{'' if count == 1 else 's'} to be sent again.")


@asynccontextmanager
async def _store(config: Config) -> AsyncIterator[SqlStore]:
    config.data.mkdir(parents=True, exist_ok=True)
    store = await open_store(config.database_url)
    try:
        yield store
    finally:
        await store.close()
