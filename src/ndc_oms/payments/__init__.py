"""Payments: allocation, capture rules; gateways behind ports/payment."""
