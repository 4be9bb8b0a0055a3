"""What comes back of an item that is given up, part by part.

Source: DiffPrice of PriceDifferentialType, 21.3.
"""

from typing import Final

from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Tax
from ndc_oms.model.quote import ItemQuote
from ndc_oms.ndc.compose import amount, flag, group, leaf

_FEE: Final = leaf("DescText", "Cancellation fee")


def _back(item: ItemQuote) -> Money:
    """What comes back before the fee."""
    taxes = (tax.amount for tax in item.refund_taxes)
    return item.refund_base + total(taxes, item.refund_base.currency)


def kept(item: ItemQuote) -> Money:
    """The fee as far as there is something to take it from: base + taxes - fee = refund."""
    return _back(item) - item.refund


def refunded_difference(item: ItemQuote, due: Money | None = None) -> str:
    """What comes back, part by part, what is kept of it, and what is then due. due: where not all
    of it, since some pays for what is added instead.
    """
    fee = kept(item)
    return group(
        "Price",
        amount("BaseAmount", item.refund_base),
        amount("DueByAirlineAmount", item.refund if due is None else due),
        amount("DueToAirlineAmount", Money.zero(item.old.base.currency)),
        group("Fee", amount("Amount", fee), _FEE) if fee.minor else "",
        group(
            "TaxSummary",
            *map(_tax, item.refund_taxes),
            amount("TotalTaxAmount", _back(item) - item.refund_base),
        ),
        amount("TotalAmount", item.refund),
    )


def _tax(tax: Tax) -> str:
    return group(
        "Tax",
        amount("Amount", tax.amount),
        flag("RefundInd", tax.refundable),
        leaf("TaxCode", tax.code),
        leaf("TaxName", tax.name),
    )
