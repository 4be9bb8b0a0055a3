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
    "MeasurementSystemCode",
    "PaxGroup",
    "PricingParameter/TaxExemption",
    "PricingParameter/AutoExchInd",
    "PricingParameter/AwardIncludedInd",
    "PricingParameter/AwardOnlyInd",
    "PricingParameter/SimplePricingInd",
    "ReasonCode",
    "Remark",
)
_LANGUAGE: Final = "Request/ResponseParameters/LangUsage"
_PAYING: Final = "Request/PaymentFunctions/PaymentProcessingDetails"
_METHOD: Final = f"{_PAYING}/PaymentMethod"
_SERVICE: Final = "Request/UpdateOrder/ReshopOrder/ReshopOrderChoice/ServiceOrder"
_CRITERIA: Final = "Request/OrderValidationFilterCriteria"
# of an order's DataLists, everything but people and how to reach them
_PEOPLE: Final = _under(
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
)
# of flights that are named one by one
_NAMED: Final = (
    *_under(
        "Request/DatedMarketingSegmentList/DatedMarketingSegment", "AirlineTaxonomy", "RichMedia"
    ),
    *_under(
        "Request/PaxJourneyList/PaxJourney/PaxSegment",
        "AirlineTaxonomy",
        "CabinTypeAssociationChoice/LegCabinAssociations",
        "RichMedia",
        "SettlementInfo",
    ),
)
_PAYMENTS: Final = (
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
    ),
    *_under(f"{_METHOD}/OfflinePayment", "PaymentBrandCode", "Remark"),
    f"{_METHOD}/PaymentCard/SecurePaymentVersion1",
    *_under(
        f"{_METHOD}/PaymentCard/SecurePaymentVersion2",
        "AuthenticationTokenValue",
        "PayerAuthenticationExemptionCode",
        "PayerAuthenticationFailureToCompleteCode",
    ),
)

AIR_SHOPPING: Final = (
    "AugmentationPoint",
    "Request/ContactInfoList",
    *_NAMED,
    "Request/DatedOperatingLegList",
    "Request/DisclosureList",
    *_under(
        "Request/FlightRelatedCriteria",
        "FlightCriteria/RBD",
        "OfferItemTypeCriteria",
        "TripPurposeCode",
    ),
    *_under(
        "Request/OfferCriteria",
        *_under(
            "BaggagePricingCriteria",
            "CommercialAgreementID",
            "DeferralInd",
            "FixedPrePaidInd",
            "IncludeSettlementInd",
            "OptionalChargesCode",
            "RequestedActionCode",
        ),
        *_under(
            "FareCriteria",
            "FareBasisCode",
            "FareSubTypeCode",
            "GroupFareCriteria",
            "NoAdvancePurchaseInd",
        ),
        "PricingMethodCriteria",
        *_under("ProgramCriteria", "CompanyIndexText", "MemberStatusText", "PrePaidCertificate"),
        *_under("PromotionCriteria", "PaxRefID", "PromotionIssuer", "Remark"),
        "SeatCriteria",
        *_under("ServiceCriteria", "ServicePricingOnlyInd", "TaxonomyCode"),
        "SpecialNeedsCriteria",
        "TripPurposeCode",
        "WaitListCriteria",
    ),
    *_under("Request/PaxList/Pax", "Employer", "Remark"),
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


def _about(core: str) -> tuple[str, ...]:
    """What ServiceList and SeatAvailability share: offer, order or flights below Request/core."""
    return (
        "AugmentationPoint",
        *_under(
            "Request",
            "ContactInfoList",
            "DatedMarketingSegmentList/DatedMarketingSegment/AirlineTaxonomy",
            "DatedMarketingSegmentList/DatedMarketingSegment/RichMedia",
            "DatedOperatingLegList",
            "DatedOperatingSegmentList",
            "FareWaiver",
            "Metadata",
            "Pax/Employer",
            "Pax/LoyaltyProgramAccount",
            "Pax/Remark",
            "PaymentFunctions",
            "Policy",
            "ResponseParameters",
        ),
        *_under(
            f"Request/{core}/OfferRequest/Offer/OfferItem",
            "DatedOperatingLegRefID",
            "PaxSegmentRefID",
            "Service",
        ),
        *_under(
            f"Request/{core}/OrderRequest/Order/OrderItem",
            "DatedOperatingLegRefID",
            "Service",
            "SpecialService",
        ),
        *_under(
            f"Request/{core}/PaxSegmentRequest/PaxSegment",
            "AirlineTaxonomy",
            "CabinTypeAssociationChoice/LegCabinAssociations",
            "FareBasisCode",
            "RichMedia",
            "SettlementInfo",
        ),
    )


SERVICE_LIST: Final = (
    *_about("ServiceListCoreRequest"),
    "Request/PaxSegmentList",
    *_under(
        "Request/OfferCriteria",
        "BaggagePricingCriteria",
        "FareCriteria",
        "PricingMethodCriteria",
        "ProgramCriteria",
        "PromotionCriteria",
        "SeatCriteria",
        "ServiceCriteria/PrefLevel",
        "ServiceCriteria/ServicePricingOnlyInd",
        "SpecialNeedsCriteria",
        "TripPurposeCode",
        "WaitListCriteria",
    ),
    *_under(
        "Request/ServiceListCoreRequest/OrderRequest/Order/OrderItem",
        "AirlineTaxonomy",
        "CabinTypeUpgrade",
    ),
)
SEAT_AVAILABILITY: Final = (
    *_about("SeatAvailCoreRequest"),
    "Request/DisclosureList",
    "Request/OfferCriteria",
)
ORDER_CREATE: Final = (
    "AugmentationPoint",
    "Signature",
    "Request/BookingRef",
    "Request/Commission",
    *_PEOPLE,
    "Request/Metadata",
    "Request/PaxGroup",
    *_PAYMENTS,
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
    _LANGUAGE,
)
_SEARCH: Final = "Request/OrderSearchFilterCriteria"
_SEARCHED_PAYMENT: Final = f"{_SEARCH}/PaymentFilterCriteria"
ORDER_LIST: Final = (
    "AugmentationPoint",
    *_under(
        _SEARCH,
        "BookingRefFilterCriteria/BookingEntity/Org",
        "BookingRefFilterCriteria/BookingRefTypeCode",
        "DocFilterCriteria/DocType",
        "PaxGroupFilterCriteria",
        "ServiceFilterCriteria/BookingRef",
        "ServiceFilterCriteria/DescText",
        "ServiceFilterCriteria/InventoryGuaranteeDateTime",
        "ServiceFilterCriteria/UnchangedInd",
        "ServiceFilterCriteria/ValidatingCarrier",
        "TicketFilterCriteria/TicketingLocationCode",
    ),
    *_under(
        f"{_SEARCH}/PaxFilterCriteria",
        *_under("ContactInfo", "Individual", "OtherAddress", "PostalAddress"),
        "Employer",
        "FOID",
        "LangUsage",
        "LoyaltyProgramAccount/LoyaltyProgram",
        "LoyaltyProgramAccount/SignInID",
        "LoyaltyProgramAccount/TierCode",
        "PaxGroup",
    ),
    *_under(
        _SEARCHED_PAYMENT,
        "ContactInfoRefID",
        "DirectBill",
        "IATA_EasyPay",
        "LoyaltyRedemption",
        "OtherPaymentMethod",
        *_under("PaymentCardCriteria", "CardIssuingCountryCode", "CardProductTypeCode"),
        "SettlementPlan/IATA_Number",
        *_under("Voucher", "EffectiveDate", "ExpirationDate", "RemainingAmount"),
    ),
)
ORDER_HISTORY: Final = (
    "AugmentationPoint",
    *_under("Request/Order", "CreationDateTime", "StatusCode"),
    "Request/ResponseParameters",
)
ORDER_RULES: Final = (
    "AugmentationPoint",
    *_under("Request", "Metadata", "Policy", "ResponseParameters"),
    "Request/RulesCoreRequest/OrderStructureKey/OrderItem/Service",
    *_under(
        "Request/RulesCoreRequest/FareRef",
        "FareBasisAppCode",
        "FareIndCode",
        "FareQualifier",
        "FareRefText",
        "FareRuleTextCriteria",
        "FareTypeCode",
    ),
)
AIRLINE_PROFILE: Final = (
    "AugmentationPoint",
    *_under(
        "Request/AirlineProfileFilterCriteria",
        "AirlineProfileCriteria/AirlineProfileURL",
        "AirlineProfileCriteria/ContactInfo",
        "MediaURL_Ind",
    ),
)
ORDER_CHANGE: Final = (
    "AugmentationPoint",
    "Signature",
    "Request/BookingRef",
    "Request/ChangeOrderChoice/UpdatePax/PaxSharingPref",
    *_PEOPLE,
    "Request/Metadata",
    "Request/OrderChangeParameters",
    "Request/PaxGroup",
    *_PAYMENTS,
    "Request/PaymentFunctions/RefundMethodCriteria",  # money goes back to the form it came in
)
ORDER_RESHOP: Final = (
    "AugmentationPoint",
    *_under(
        "Request",
        "BookingRef",
        "ContactInfoList",
        "DatedOperatingLegList",
        "DatedOperatingSegmentList",
        "DisclosureList",
        "FareWaiver",
        "PaymentFunctions",
        "ResponseParameters",
    ),
    *_NAMED,
    f"{_SERVICE}/DeleteOrderItem/RespendInd",
    *_under(f"{_SERVICE}/AddOfferItems", "OrderCriteria", "PaxList", "ResponseParameters"),
    *_under(
        f"{_SERVICE}/AddOfferItems/FlightRelatedCriteria",
        "FlightCriteria/RBD",
        "OfferItemTypeCriteria",
        "TripPurposeCode",
    ),
)
ORDER_QUOTE: Final = (
    "AugmentationPoint",
    *_under(
        "Payload",
        "ContactInfoList",
        "FareWaiver",
        "OrderCriteria",
        "PaxList",
        "PaymentFunctions",
        "ResponseParameters",
    ),
)
