"""Do references point at something? XSD cannot say: NDC's schemas hold no keys.

`dangling(root)` is for every test that sees a reply. In a reply all that is referred to has to be
there. In a request, what a seller refers to was often stated by an earlier reply, so a reference is
looked up only where the request itself has IDs of that kind.
"""

from collections.abc import Iterator

from lxml import etree

# Element that refers → element that is referred to, and the element that this identifies.
REFERS = {
    "BaggageAllowanceRefID": ("BaggageAllowanceID", "BaggageAllowance"),
    "BaggageDisclosureRefID": ("BaggageDisclosureID", "BaggageDisclosure"),
    "ConnectionCriteriaRefID": ("ConnectionCriteriaID", "ConnectionCriteria"),
    "ContactInfoRefID": ("ContactInfoID", "ContactInfo"),
    "DatedMarketingSegmentRefId": ("DatedMarketingSegmentId", "DatedMarketingSegment"),
    "DatedOperatingLegRefID": ("DatedOperatingLegID", "DatedOperatingLeg"),
    "DatedOperatingSegmentRefId": ("DatedOperatingSegmentId", "DatedOperatingSegment"),
    "DisclosureRefID": ("DisclosureID", "Disclosure"),
    "IndividualRefID": ("IndividualID", "Individual"),
    "OfferItemRefID": ("OfferItemID", "OfferItem"),
    "OfferRefID": ("OfferID", "Offer"),
    "OrderItemRefID": ("OrderItemID", "OrderItem"),
    "OrderRefID": ("OrderID", "Order"),
    "OriginDestRefID": ("OriginDestID", "OriginDest"),
    "PaxJourneyRefID": ("PaxJourneyID", "PaxJourney"),
    "PaxRefID": ("PaxID", "Pax"),
    "PaxSegmentRefID": ("PaxSegmentID", "PaxSegment"),
    "PenaltyRefID": ("PenaltyID", "Penalty"),
    "PriceClassRefID": ("PriceClassID", "PriceClass"),
    "SeatProfileRefID": ("SeatProfileID", "SeatProfile"),
    "SelectedServiceDefinitionRefID": ("ServiceDefinitionID", "ServiceDefinition"),
    "SelectedServiceRefID": ("ServiceID", "Service"),
    "ServiceDefinitionRefID": ("ServiceDefinitionID", "ServiceDefinition"),
    "ServiceRefID": ("ServiceID", "Service"),
}
# The same identification under another element's name.
ALSO = {
    "Offer": ("ALaCarteOffer", "PricedOffer"),
    "OriginDest": ("OriginDestCriteria", "SpecificOriginDestCriteria"),
}
# References that a message states for a reader outside it.
ELSEWHERE = frozenset({"PaymentRefID", "PromotionRefID"})
# Identifies nothing anew: names again what stands in another part of the message.
REPEATS = frozenset({"Old", "OrderAssociation", "ReferencedOrder"})
# Stated by an earlier reply, whatever else a request holds.
EARLIER = frozenset(
    {"OfferItemRefID", "OfferRefID", "OrderItemRefID", "OrderRefID", "ServiceRefID"}
    | {"SelectedServiceRefID", "SelectedServiceDefinitionRefID"}
)
# Parents of a reshop reply's references that mean the order as OrderViewRS showed it, and of the
# reference under which a new price is accepted: nothing else in that message is so called.
# A list of orders names each by its reference alone.
STANDING = frozenset(
    {"ExistingOrderItem", "ExistingService", "OriginalOrderItem", "RepricedOffer", "MatchedOrder"}
)
# A history names the same things again, as they were after each operation; in a list every order
# has its own travellers.
SCOPES = frozenset({"ChangeOperation", "MatchedOrder"})
# Parents of a request's references that mean the order as the airline has it.
KEPT = frozenset({"Current", "PaxSharingPref"})

Declared = dict[str, dict[str, list[etree._Element]]]  # by kind and ID: what is so called


def name(node: etree._Element) -> str:
    return etree.QName(node).localname


def dangling(root: etree._Element) -> list[str]:
    """What is wrong with IDs and references, a line each: a readable path and why.

    Empty where each reference meets its ID and no ID of a kind stands twice.
    """
    declared = _declared(root)
    return [*_doubles(declared), *_unmet(root, declared)]


def path(node: etree._Element) -> str:
    """`/IATA_AirShoppingRS/Response/…/PaxRefID[2]`: names without namespaces."""
    steps = []
    at: etree._Element | None = node
    while at is not None:
        parent = at.getparent()
        alike = [s for s in parent if s.tag == at.tag] if parent is not None else [at]
        steps.append(name(at) + (f"[{alike.index(at) + 1}]" if len(alike) > 1 else ""))
        at = parent
    return "/" + "/".join(reversed(steps))


def _declared(root: etree._Element) -> Declared:
    """For each kind of ID: what is so called, by ID."""
    owners = {kind: (owner, *ALSO.get(owner, ())) for kind, owner in REFERS.values()}
    found: Declared = {kind: {} for kind in owners}
    for node in root.iter("{*}*"):
        kind, parent = name(node), node.getparent()
        if kind not in owners or parent is None or name(parent) not in owners[kind]:
            continue
        if any(name(above) in REPEATS for above in node.iterancestors()):
            continue
        found[kind].setdefault((node.text or "").strip(), []).append(node)
    return found


def _doubles(declared: Declared) -> Iterator[str]:
    for kind, by_id in declared.items():
        for text, nodes in by_id.items():
            scopes = [_scope(node) for node in nodes]
            for at, node in enumerate(nodes):
                if scopes[at] in scopes[:at]:
                    yield f"{path(node)}: a second {kind} {text!r}"


def _scope(node: etree._Element) -> etree._Element | None:
    """Within which an ID stands once; None: the whole message."""
    return next((above for above in node.iterancestors() if name(above) in SCOPES), None)


def _unmet(root: etree._Element, declared: Declared) -> Iterator[str]:
    for node in root.iter("{*}*"):
        if name(node).lower().endswith("refid") and not _resolved(node, declared, name(root)):
            yield f"{path(node)}: nothing is called {(node.text or '').strip()!r}"


def _resolved(node: etree._Element, declared: Declared, message: str) -> bool:
    kind, parent = name(node), node.getparent()
    above = "" if parent is None else name(parent)
    if kind in ELSEWHERE or above in STANDING:
        return True
    targets = declared[REFERS[kind][0]] if kind in REFERS else {}
    if message.endswith("RQ") and (not targets or kind in EARLIER or above in KEPT):
        return True
    return (node.text or "").strip() in targets
