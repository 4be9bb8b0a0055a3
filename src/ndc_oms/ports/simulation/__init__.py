"""What the simulated other sides share (PSS, payment gateway, partners): a durable file with one
writer, and faults planted in it. In the ports, since they live in rooms that do not see each other.
"""
