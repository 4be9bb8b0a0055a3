"""`ndc-oms why`: what became of every journey of a search, and the rule that removed it."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from ndc_oms import resources
from ndc_oms.boot.house import House, open_house
from ndc_oms.config import Config
from ndc_oms.errors import NotFound
from ndc_oms.model.journey import Journey
from ndc_oms.ndc.schema import Schema
from ndc_oms.ndc.search_file import read_search
from ndc_oms.offers.diagnosis import BoundDiagnosis
from ndc_oms.offers.shop import Shop
from ndc_oms.ports.sellers import Seller


async def run_why(file: Path, config: Config, console: Console) -> int:
    """How many offers the search has now; raises Refusal for one that cannot be asked."""
    async with open_house(config) as house:
        schema = Schema(config.schemas or resources.schemas() / "ndc" / "21.3" / "ndc.xsd")
        request, org_id = read_search(file, schema, house.clock.now())
        shop = house.acts.shop
        if not isinstance(shop, Shop):
            raise AssertionError("this house's shop explains nothing")
        diagnosis = await shop.explain(request, await _seller(house, org_id))
    for bound in diagnosis.bounds:
        console.print(bound.text, style="bold")
        if bound.fates:
            console.print(_table(bound))
    console.print(f"{diagnosis.offers} offers are answered.", highlight=False)
    return diagnosis.offers


async def _seller(house: House, org_id: str) -> Seller:
    """The Seller that the document names; raises NotFound (717)."""
    for record in await house.store.sellers.list_sellers():
        if record.seller.org_id == org_id:
            return record.seller
    raise NotFound(
        f"There is no seller {org_id or 'named in the document'}.",
        code="717",
        remedy="Name the OrgID of a seller of this house, as `seller list` shows them.",
    )


def _table(bound: BoundDiagnosis) -> Table:
    table = Table()
    for name in ("flights", "departure", "arrival", "time", "via"):
        table.add_column(name)
    table.add_column("removed, since it is not …", style="red")
    for fate in bound.fates:
        table.add_row(*_cells(fate.journey), fate.removed_by or "[green]left[/green]")
    return table


def _cells(journey: Journey) -> tuple[str, ...]:
    minutes = int(journey.duration.total_seconds()) // 60
    return (
        " ".join(f"{each.carrier}{each.number}" for each in journey.segments),
        f"{journey.departure:%d %b %H:%M}",
        f"{journey.arrival:%d %b %H:%M}",
        f"{minutes // 60}:{minutes % 60:02}",
        " ".join(each.destination for each in journey.segments[:-1]),
    )
