"""What each request may hold and this server makes no use of: a Warning names each that is sent.

Paths below the root, as `Row.ignored` wants them. What the wire profile leaves open (`xs:anyType`)
is here, or under a path that is, or is refused by the reader; a test compares. So is what the
profile describes, since another message or a later release reads it, and this reader does not.
"""

from typing import Final


def _under(path: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{path}/{name}" for name in names)


_PARAMETERS: Final = _under(
    "Request/ResponseParameters",
    "BDC",
    "Device",
    "DeviceLocation",
    "InventoryGuaranteeInd",
    "LangUsage",
    "MeasurementSystemCode",
    "PaxGroup",
    "PricingParameter/TaxExemption",
    "PricingParameter/AwardOnlyInd",
    "ReasonCode",
    "Remark",
)
_BOUND: Final = "Request/FlightRequest/FlightRequestOriginDestinationsCriteria/OriginDestCriteria"
_PAYING: Final = "Request/PaymentFunctions/PaymentProcessingDetails"
_CRITERIA: Final = "Request/OrderValidationFilterCriteria"

AIR_SHOPPING: Final = (
    "AugmentationPoint",
    "Request/ContactInfoList",
    *_under(
        "Request/DatedMarketingSegmentList/DatedMarketingSegment", "AirlineTaxonomy", "RichMedia"
    ),
    "Request/DatedOperatingLegList",
    "Request/DisclosureList",
    *_under(
        "Request/FlightRelatedCriteria",
        "AllianceCriteria",
        "CarrierCriteria",
        "FlightCriteria",
        "OfferItemTypeCriteria",
        "SegmentDurationCriteria",
    ),
    *_under(
        _BOUND,
        "CalendarDateCriteria",
        "DestArrivalCriteria/Date",
        "DestArrivalCriteria/Time",
        "JourneyDurationCriteria",
        "OriginDepCriteria/Time",
    ),
    # of flights that are named, only the day is used
    "Request/FlightRequest/FlightRequestSpecificOriginDestinations/SpecificOriginDestCriteria"
    "/PaxJourneyRefID",
    "Request/OfferCriteria",
    *_under(
        "Request/PaxJourneyList/PaxJourney/PaxSegment",
        "AirlineTaxonomy",
        "RichMedia",
        "SettlementInfo",
    ),
    *_under("Request/PaxList/Pax", "Employer", "LoyaltyProgramAccount", "Remark"),
    "Request/PaymentFunctions",
    "Request/SeatProfileList",
    *_PARAMETERS,
)
OFFER_PRICE: Final = (
    "AugmentationPoint",
    *_under(
        "Request/DataLists",
        "BaggageAllowanceList",
        "BaggageDisclosureList",
        "ContactInfoList",
        "DatedMarketingSegmentList",
        "DatedOperatingSegmentList",
        "DisclosureList",
        "OriginDestList",
        "PaxJourneyList",
        "PaxList/Pax/Employer",
        "PaxList/Pax/LoyaltyProgramAccount",
        "PaxList/Pax/Remark",
        "PenaltyList",
        "PriceClassList",
        "SeatProfileList",
        "ServiceDefinitionList",
        "ShoppingRequestPaxSegmentList",
        "TermsList",
    ),
    "Request/InExchForTicket",
    "Request/Metadata",
    "Request/OfferCriteria",
    "Request/OriginDestRefID",
    "Request/PaymentFunctions",
    "Request/Policy",
    *_PARAMETERS,
)
ORDER_CREATE: Final = (
    "AugmentationPoint",
    "Signature",
    "Request/BookingRef",
    "Request/Commission",
    "Request/CreateOrder/AcceptSelectedQuotedOfferList/SelectedPricedOffer/TotalOfferPriceAmount",
    *_under(
        "Request/DataLists",
        "BaggageAllowanceList",
        "BaggageDisclosureList",
        "DatedMarketingSegmentList",
        "DatedOperatingLegList",
        "DatedOperatingSegmentList",
        "DisclosureList",
        "OriginDestList",
        "PaxJourneyList",
        "PaxList/Pax/AgeMeasure",
        "PaxList/Pax/Employer",
        "PaxList/Pax/IdentityDoc/Visa",
        "PaxList/Pax/LangUsage",
        "PaxList/Pax/RedressCase",
        "PaxList/Pax/Remark",
        "PaxSegmentList",
        "PenaltyList",
        "PriceClassList",
        "SeatProfileList",
        "ServiceDefinitionList",
        "TermsList",
    ),
    "Request/Metadata",
    "Request/PaxGroup",
    *_under(
        "Request/PaymentFunctions/PaymentMethodCriteria",
        "ClearanceCriteria",
        "PaymentCriteriaAddlInfo",
    ),
    *_under(
        _PAYING,
        "Payer",
        "PaymentProcessingClearanceData",
        "PaymentSurchargeAmount",
        "PriceVarianceAmount",
        "PaymentMethod/PaymentCard/SecurePaymentVersion1",
        "PaymentMethod/PaymentCard/SecurePaymentVersion2",
    ),
    "Request/Promotion",
    "Request/ResponseParameters",
)
ORDER_RETRIEVE: Final = (
    "AugmentationPoint",
    *_under(
        _CRITERIA,
        "DocFilterCriteria",
        "PaymentFilterCriteria",
        "PaxFilterCriteria/ContactInfo",
        "PaxFilterCriteria/Employer",
        "PaxFilterCriteria/FOID",
        "PaxFilterCriteria/IdentityDoc",
        "PaxFilterCriteria/LoyaltyProgramAccount",
        "PaxFilterCriteria/PaxGroup",
    ),
    *_PARAMETERS,
)
