"""For users' own tests: requests, a client, scenarios, the contract that a PSS must keep."""
