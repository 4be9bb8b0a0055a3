"""Who delivers what is sold: providers.toml. A world without it delivers everything itself.

A product names its provider in services.toml; a provider that handles flights names the carriers
that operate them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems

FILE: Final = "providers.toml"


@dataclass(frozen=True, slots=True)
class Provider:
    """org_id: as its messages and DeliveryProvider name it. key: of the API, public, for tests; ""
    for one whose key is made by command. carriers: designators; it tells how far the flights are
    that these operate.
    """

    org_id: str
    name: str
    key: str = ""
    carriers: frozenset[str] = frozenset()


def load_providers(folder: Path, problems: Problems) -> Mapping[str, Provider]:
    """By OrgID."""
    file = entries(folder, FILE, problems, optional=True)
    file.only("provider")
    found: dict[str, Provider] = {}
    for entry in file.children("provider"):
        provider = _provider(entry)
        if provider.org_id in found:
            entry.fail("org_id", f"{provider.org_id} stands here twice")
        found[provider.org_id] = provider
    return found


def _provider(entry: Entry) -> Provider:
    entry.only("org_id", "name", "key", "carriers")
    carriers = entry.texts("carriers")
    for each in carriers:
        if len(each) != 2 or not each.isalnum() or not each.isupper():
            entry.fail("carriers", f"designators of two characters, not {each!r}")
    return Provider(
        entry.text("org_id", r"[A-Z0-9]{2,12}"),
        entry.text("name"),
        entry.text("key", r"ndc_test_[A-Za-z0-9_-]{4,64}|", ""),
        frozenset(carriers),
    )
