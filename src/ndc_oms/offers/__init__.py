"""Offers: shop, price; rules of pricing; availability to promise; tokens."""
