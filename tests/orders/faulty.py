"""Another side that fails as it is told to."""

import asyncio
from collections import Counter
from typing import Any

from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown


class Faulty:
    """Idempotent by reference; shows the faults that were planted, one a call of a verb.

    fails, rejects: refused for good, for now; before, after: no reply, nothing or all done;
    slow: answers after 50 ms; raises: the adapter breaks its promise; lost: find does not know.
    """

    def __init__(self) -> None:
        self.faults: dict[str, list[str]] = {}
        self.done: dict[str, Any] = {}  # what each reference made
        self.calls: Counter[str] = Counter()
        self.applied: Counter[str] = Counter()

    def plant(self, verb: str, *kinds: str) -> None:
        self.faults.setdefault(verb, []).extend(kinds)

    async def _do(self, verb: str, reference: str, act: Any) -> Outcome[Any]:
        self.calls[verb] += 1
        await asyncio.sleep(0)
        kinds = self.faults.get(verb, [])
        kind = kinds.pop(0) if kinds else ""
        if kind.startswith("code:"):
            return Rejected(kind[5:], "refused by the issuer")
        if kind in ("fails", "rejects"):
            return Rejected("NO", f"{verb} refused", final=kind == "fails")
        if kind == "before":
            return Unknown("no reply")
        if kind == "raises":
            raise RuntimeError("a bug of the adapter")
        if reference not in self.done:
            answer = act()
            if isinstance(answer, Rejected):
                return answer
            self.done[reference] = answer
            self.applied[verb] += 1
        if kind == "slow":
            await asyncio.sleep(0.05)
        return Unknown("reply lost") if kind == "after" else Confirmed(self.done[reference])

    async def find(self, reference: str) -> Outcome[Any]:
        self.calls["find"] += 1
        kinds = self.faults.get("find", [])
        if kinds:
            kind = kinds.pop(0)
            return Unknown("no reply") if kind == "before" else Rejected("NO", "down", final=False)
        return Confirmed(self.done.get(reference))

    async def close(self) -> None: ...
