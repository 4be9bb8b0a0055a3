"""Fulfilment: what an order still needs, done step by step, outside the request."""
