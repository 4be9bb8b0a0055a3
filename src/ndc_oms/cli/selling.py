"""`ndc-oms seller …`: who may send messages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.table import Table

from ndc_oms.config import Config
from ndc_oms.ports.sellers import DELIVER, EVERYTHING, Seller
from ndc_oms.store.sellers import SqlSellers
from ndc_oms.store.sql_store import open_store


@asynccontextmanager
async def _sellers(config: Config) -> AsyncIterator[SqlSellers]:
    config.data.mkdir(parents=True, exist_ok=True)
    store = await open_store(config.database_url)
    try:
        yield store.sellers
    finally:
        await store.close()


async def add_seller(
    config: Config,
    org_id: str,
    name: str,
    currency: str,
    *,
    lenient: bool,
    live: bool,
    rate: float,
    provider: bool,
    console: Console,
) -> None:
    """A new seller with its first key; raises Conflict where the seller is there already."""
    can = frozenset({DELIVER if provider else EVERYTHING})
    seller = Seller(
        org_id, name, currency, lenient=lenient, test=not live, rate_per_s=rate, can=can
    )
    async with _sellers(config) as sellers:
        key = await sellers.add(seller, "added by command line")
    said = (
        f"Provider {org_id} ({name}) may tell what it delivered"
        if provider
        else (f"Seller {org_id} ({name}) may sell")
    )
    console.print(f"{said}. Its key, shown this once:")
    console.print(f"  [bold]{key}[/bold]", highlight=False, soft_wrap=True)


async def list_sellers(config: Config, console: Console) -> None:
    async with _sellers(config) as sellers:
        records = await sellers.list_sellers()
    table = Table(title=f"{len(records)} sellers")
    for name in ("OrgID", "name", "currency", "mode", "key", "since", "revoked"):
        table.add_column(name)
    for record in records:
        seller = record.seller
        mode = ("test" if seller.test else "live") + (", lenient" if seller.lenient else "")
        mode += "" if EVERYTHING in seller.can else f", {', '.join(sorted(seller.can))}"
        for at, key in enumerate(record.keys):
            first = (seller.org_id, seller.name, seller.currency, mode)
            shown = first if at == 0 else ("", "", "", "")
            revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
            table.add_row(*shown, key.key_id, f"{key.created_at:%Y-%m-%d %H:%M}", revoked)
    console.print(table)


async def revoke_key(config: Config, org_id: str, key_id: str, console: Console) -> None:
    async with _sellers(config) as sellers:
        count = await sellers.revoke(org_id, key_id)
    console.print(f"{count} key{'' if count == 1 else 's'} of {org_id} revoked.")
