"""ndc-oms: an open offer and order management system that speaks IATA NDC 21.3."""

__version__ = "0.1.0"
