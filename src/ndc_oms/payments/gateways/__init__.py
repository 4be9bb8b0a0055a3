"""Payment gateways behind ports/payment.py: a simulated one for cards, and the settlement plan."""
