"""The catalogue of services: services.toml, one [[product]] each, with its prices by route.

The file is looked at again when it has changed: a new product is on sale without a restart, in
every process that reads the folder. A file that has become wrong changes nothing; what is wrong
with it, by file, line, field and rule, is logged, and `ndc-oms world check` says it as well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog

from ndc_oms.model.ancillary import EmdKind, Product, SaleUnit
from ndc_oms.model.journey import Segment
from ndc_oms.model.money import Money, exponent
from ndc_oms.model.offer import Fare, Tax
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin
from ndc_oms.world.airports import Airport
from ndc_oms.world.currencies import CurrencyRule, convert
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.fares import FareTable
from ndc_oms.world.problems import Problems
from ndc_oms.world.products import CABINS
from ndc_oms.world.seat_maps import Zone

FILE: Final = "services.toml"
FLIGHT, JOURNEY, TRIP = "flight", "journey", "trip"  # what one price is for
_WIDTH: Final = (FLIGHT, JOURNEY, TRIP)
ANYWHERE: Final = "*"
_KEYS: Final = (
    "code", "name", "description", "taxonomy", "rfic", "rfisc", "emd", "ssr", "unit", "per",
    "passengers", "cabins", "families", "included_in", "most", "notice_h", "stock", "refundable",
    "refund_until_h", "follows", "bundle", "seat", "provider", "price",
)  # fmt: skip
_PRICE_KEYS: Final = (
    "route", "cabin", "amount", "currency", "tax_code", "tax_name", "tax_percent",
    "tax_refundable",
)  # fmt: skip
_ROUTE: Final = r"\*|[A-Z]{2,6}-[A-Z]{2,6}"
_AMOUNT: Final = re.compile(r"[0-9]{1,7}(\.[0-9]{1,3})?")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServicePrice:
    """On routes between two fare zones, whichever way; `*` everywhere. cabin: None for any.
    tax_percent: of the amount, on top of it.
    """

    route: str
    cabin: Cabin | None
    amount: Decimal
    currency: str
    tax_code: str = ""
    tax_name: str = ""
    tax_percent: Decimal = Decimal(0)
    tax_refundable: bool = True


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """A product with who can have it where, and what it costs.

    per: what one price is for: each flight, all flights of a journey, or the whole trip. families:
    to which it is sold, () for all; included_in: which have it already. most: that a passenger may
    have of it. notice_h: hours before departure until which it is sold. bundle: codes of the
    products in it, parts: these products. taxonomy: code of IATA's airline taxonomy. seat: it is
    the choice of a seat in this zone, and free of charge where it is included. follows: when its
    passenger's flights are exchanged, it goes with them also where it costs something else there.
    """

    product: Product
    taxonomy: str
    per: str
    passengers: frozenset[PassengerType]
    cabins: frozenset[Cabin]
    families: frozenset[str]
    included_in: frozenset[str]
    most: int
    notice_h: int
    bundle: tuple[str, ...]
    prices: tuple[ServicePrice, ...]
    seat: Zone | None = None
    parts: tuple["CatalogueProduct", ...] = ()
    follows: bool = False

    @property
    def goes_along(self) -> bool:
        """Whether partners are asked for it on their flights: free, and nothing but an SSR."""
        sold = self.product
        apart = sold.stock is not None or sold.provider or self.seat is not None or self.bundle
        return bool(sold.ssr) and not apart and not any(each.amount for each in self.prices)


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """By what a product's price is worked out: fare zones, airports, currencies of the world.
    Compared and hashed by identity.
    """

    fares: FareTable
    airports: Mapping[str, Airport]
    currencies: Mapping[str, CurrencyRule]

    def fare(
        self, wanted: CatalogueProduct, first: Segment, last: Segment, cabin: Cabin, currency: str
    ) -> Fare | None:
        """What one of it costs between the ends of these flights; None where it is not sold."""
        zones = {self._zone(first.origin), self._zone(last.destination)}
        for price in wanted.prices:
            fits = price.route == ANYWHERE or set(price.route.split("-")) == zones
            if fits and price.cabin in {None, cabin} and currency in self.currencies:
                return _fare(self, price, currency)
        return None

    def _zone(self, airport: str) -> str:
        known = self.airports.get(airport)
        return (self.fares.zone(known.country) if known else None) or ""


# As many as a catalogue has prices and currencies; the same object each time, so that whoever
# composes a reply finds the text of it.
@lru_cache(2048)
def _fare(rates: Rates, price: ServicePrice, currency: str) -> Fare:
    value = convert(price.amount, price.currency, currency, rates.currencies)
    base = _rounded(value, currency)
    if not price.tax_percent:
        return Fare("", base, ())
    tax = _rounded(base.decimal() * price.tax_percent / 100, currency)
    return Fare("", base, (Tax(price.tax_code, price.tax_name, tax, price.tax_refundable),))


def _rounded(value: Decimal, currency: str) -> Money:
    """To the minor unit, halves up."""
    minor = value.scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Money(int(minor), currency)


class Catalogue:
    """Every product on sale at this moment. A world without the file sells none."""

    def __init__(
        self, folder: Path | None = None, families: frozenset[str] = frozenset(),
        rates: Rates | None = None, found: tuple[CatalogueProduct, ...] = (),
        providers: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self._folder = folder
        self._providers = providers
        self._families = families
        self.rates = rates
        self._found = {each.product.code: each for each in found}
        self._seen = self._state()

    def _state(self) -> tuple[int, int]:
        if self._folder is None:
            return (0, 0)
        try:
            found = (self._folder / FILE).stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)

    def products(self) -> tuple[CatalogueProduct, ...]:
        """In the order of the file, as it is now."""
        self._look_again()
        return tuple(self._found.values())

    def find(self, code: str) -> CatalogueProduct | None:
        self._look_again()
        return self._found.get(code)

    def _look_again(self) -> None:
        state = self._state()
        if state == self._seen or self._folder is None or self.rates is None:
            return
        self._seen = state
        problems = Problems()
        found = read_products(self._folder, self._families, self.rates, problems, self._providers)
        if problems.found:
            wrong = [str(problem) for problem in problems.found]
            log.error("services stay as they were", problems=wrong)
            return
        self._found = {each.product.code: each for each in found}
        log.info("services were read again", products=len(found))


def load_services(
    folder: Path,
    families: frozenset[str],
    rates: Rates,
    problems: Problems,
    providers: frozenset[str] = frozenset(),
) -> Catalogue:
    """families, providers: codes and OrgIDs that there are."""
    products = read_products(folder, families, rates, problems, providers)
    return Catalogue(folder, families, rates, products, providers)


def read_products(
    folder: Path,
    families: frozenset[str],
    rates: Rates,
    problems: Problems,
    providers: frozenset[str],
) -> tuple[CatalogueProduct, ...]:
    file = entries(folder, FILE, problems, optional=True)
    file.only("product")
    found: dict[str, CatalogueProduct] = {}
    for entry in file.children("product"):
        product = _product(entry, families, rates)
        provider = product.product.provider
        if provider and provider not in providers:
            entry.fail("provider", f"{provider!r} is not in providers.toml")
        if product.product.code in found:
            entry.fail("code", f"{product.product.code} stands here twice")
        found[product.product.code] = _with_parts(product, found, entry)
    return tuple(found.values())


def _with_parts(
    bundle: CatalogueProduct, known: Mapping[str, CatalogueProduct], entry: Entry
) -> CatalogueProduct:
    """Whoever may have the bundle may have each part, on each flight that the bundle is for."""
    parts = []
    for code in bundle.bundle:
        part = known.get(code)
        if part is None:
            entry.fail("bundle", f"{code!r} is no product that stands before it")
            continue
        if part.bundle or part.seat or _WIDTH.index(part.per) > _WIDTH.index(bundle.per):
            entry.fail("bundle", f"{code} is a bundle, a seat, or for more than the bundle is for")
        elif not (bundle.passengers <= part.passengers and bundle.cabins <= part.cabins):
            entry.fail("bundle", f"{code} is not sold to everybody to whom the bundle is")
        parts.append(part)
    products = tuple(part.product for part in parts)
    return replace(bundle, parts=tuple(parts), product=replace(bundle.product, parts=products))


def _product(entry: Entry, families: frozenset[str], rates: Rates) -> CatalogueProduct:
    entry.only(*_KEYS)
    prices = tuple(_price(each, rates) for each in entry.children("price"))
    if not prices:
        entry.fail("price", "at least one [[product.price]] is needed; amount 0 for a free one")
    seat = Zone(entry.choice("seat", tuple(Zone))) if "seat" in entry.values else None
    if seat and (entry.values.get("per"), entry.values.get("most", 1)) != (FLIGHT, 1):
        entry.fail("seat", "a seat is sold by flight, and a passenger has one")
    return CatalogueProduct(
        product=_as_sold(entry, any(price.amount for price in prices)),
        taxonomy=entry.text("taxonomy", r"[0-9A-Z]{4}|", ""),
        per=entry.choice("per", (FLIGHT, JOURNEY, TRIP)),
        passengers=_passengers(entry),
        cabins=_cabins(entry),
        families=_families(entry, "families", families),
        included_in=_families(entry, "included_in", families),
        most=entry.integer("most", 1, 99, 1),
        notice_h=entry.integer("notice_h", 0, 8760, 0),
        bundle=entry.texts("bundle"),
        prices=prices,
        seat=seat,
        follows=entry.flag("follows", default=False),
    )


def _as_sold(entry: Entry, costs: bool) -> Product:
    """RFIC, RFISC and kind of EMD stand together: what is paid is documented by them."""
    emd = entry.choice("emd", tuple(EmdKind)) if "emd" in entry.values else ""
    ssr = entry.text("ssr", r"[A-Z]{4}|", "")
    rfic, rfisc = entry.text("rfic", r"[A-I]|", ""), entry.text("rfisc", r"[0-9A-Z]{3}|", "")
    if emd and not (rfic and rfisc):
        entry.fail("rfisc", "a product with an EMD has an rfic and an rfisc")
    if costs and not emd:
        entry.fail("emd", "what costs something stands on an EMD: A or S")
    if not costs and not ssr and not emd and "seat" not in entry.values:
        entry.fail("ssr", "what is free has an ssr: nothing else would tell the airport of it")
    return Product(
        code=entry.text("code", r"[A-Z][A-Z0-9]{1,7}"),
        name=entry.text("name"),
        description=entry.texts("description"),
        rfic=rfic or None,
        rfisc=rfisc or None,
        emd=EmdKind(emd),
        ssr=ssr or None,
        unit=SaleUnit(entry.choice("unit", tuple(SaleUnit)))
        if "unit" in entry.values
        else SaleUnit.EACH,
        stock=entry.integer("stock", 0, 9999) if "stock" in entry.values else None,
        refundable=entry.flag("refundable", default=True),
        refund_until_h=entry.integer("refund_until_h", 0, 8760, 0),
        provider=entry.text("provider", r"[A-Z0-9]{2,12}|", ""),
    )


def _passengers(entry: Entry) -> frozenset[PassengerType]:
    known = [each.value for each in PassengerType]
    named = entry.texts("passengers")
    for each in named:
        if each not in known:
            entry.fail("passengers", f"types of {', '.join(known)}, not {each!r}")
            return frozenset()
    return frozenset(map(PassengerType, named)) or frozenset(PassengerType)


def _cabins(entry: Entry) -> frozenset[Cabin]:
    named = entry.texts("cabins")
    for each in named:
        if each not in CABINS:
            entry.fail("cabins", f"of {', '.join(CABINS)}, not {each!r}")
            return frozenset()
    return frozenset(CABINS[each] for each in named) or frozenset(Cabin)


def _families(entry: Entry, field: str, known: frozenset[str]) -> frozenset[str]:
    named = entry.texts(field)
    for each in named:
        if each not in known:
            entry.fail(field, f"{each!r} is not in families.toml")
    return frozenset(named)


def _price(entry: Entry, rates: Rates) -> ServicePrice:
    entry.only(*_PRICE_KEYS)
    cabin = entry.text("cabin", "|".join(("", *CABINS)), "")
    currency = entry.text("currency", r"[A-Z]{3}")
    if currency and currency not in rates.currencies:
        entry.fail("currency", f"{currency!r} is not in currencies.csv")
    percent = entry.percent("tax_percent")
    code = entry.text("tax_code", r"[A-Z0-9]{2}|", "")
    if bool(percent) != bool(code):
        entry.fail("tax_code", "stands with a tax_percent, and only there")
    return ServicePrice(
        route=entry.text("route", _ROUTE, ANYWHERE),
        cabin=CABINS.get(cabin),
        amount=_amount(entry),
        currency=currency,
        tax_code=code,
        tax_name=entry.text("tax_name", r".*", ""),
        tax_percent=percent,
        tax_refundable=entry.flag("tax_refundable", default=True),
    )


def _amount(entry: Entry) -> Decimal:
    value = entry.values.get("amount")
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        entry.fail("amount", f'an amount in quotes, as "35.00", not {value!r}')
        return Decimal(0)
    try:
        return Decimal(value)
    except InvalidOperation:
        entry.fail("amount", f"no amount: {value!r}")
        return Decimal(0)
