"""Puts the parts together, and alone knows which they are: what stands on the other sides of the
ports (adapters), the acts that need it, the rooms around these, a house, and its side to the web.
"""
