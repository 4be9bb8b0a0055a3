"""Sellers that a world brings with it: for a demo or a test; a live house adds its own."""

from dataclasses import dataclass
from pathlib import Path

from ndc_oms.world.currencies import CurrencyRule
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems


@dataclass(frozen=True, slots=True)
class Seller:
    """key: of the API, in clear since it is public; org_id: as DistributionChain must carry it;
    test: its orders are tests; rate_limit_per_s: requests; lenient: its documents may deviate
    from the schema; channel: the name that controls know it by.
    """

    key: str
    org_id: str
    name: str
    currency: str
    channel: str
    test: bool
    lenient: bool
    rate_limit_per_s: int


def load_sellers(
    folder: Path, currencies: dict[str, CurrencyRule], problems: Problems
) -> tuple[Seller, ...]:
    found = [_seller(each) for each in entries(folder, "sellers.toml", problems).children("seller")]
    for field in ("key", "org_id"):
        values = [getattr(each, field) for each in found]
        if len(set(values)) != len(values):
            problems.add("sellers.toml", 0, field, "two sellers have the same")
    for each in found:
        if each.currency not in currencies:
            rule = f"{each.currency!r} is not in currencies.csv"
            problems.add("sellers.toml", 0, "currency", rule)
    return tuple(found)


def _seller(entry: Entry) -> Seller:
    entry.only(
        "key", "org_id", "name", "currency", "channel", "test", "lenient", "rate_limit_per_s"
    )
    return Seller(
        entry.text("key", r"ndc_(test|live)_[A-Za-z0-9_-]{4,64}"),
        entry.text("org_id", r"[A-Z0-9]{2,12}"),
        entry.text("name"),
        entry.text("currency", r"[A-Z]{3}"),
        entry.text("channel", r"[a-z_]{1,20}"),
        entry.flag("test"),
        entry.flag("lenient", default=False),
        entry.integer("rate_limit_per_s", 1, 10000),
    )
