"""Every place of the source where a test can kill the process, and those where none does, with the
reason. What is not among these is in the table of a test that kills there (test_counts.py).
"""

import ast
from pathlib import Path
from typing import Final

from ndc_oms.model.step import Step
from ndc_oms.store.units import APPLY

ROOT: Final = Path(__file__).parents[2]
# What durable simulated sides are called in places, and where their verbs are.
SIDES: Final = {
    "pss": "adapters/pss/ndc_pss_simulator/simulator.py",
    "gateway": "src/ndc_oms/payments/gateways/simulated.py",
    "vouchers": "src/ndc_oms/payments/gateways/vouchers.py",
    "pages": "src/ndc_oms/payments/gateways/pages.py",
    "partner": "src/ndc_oms/partners/file.py",
}
# By the beginning of the name.
NOWHERE: Final = {
    "store.KeepOffer.": "OfferPrice: its reply is lost, and nothing follows from it",
    "store.KeepQuote.": "OrderReshop and OrderQuote: likewise",
    "store.SpendTokens.": "rates: at most a second's worth of requests is not counted",
    "store.Purge.": "housekeeping: what is old is found again",
    "store.HurryTasks.": "only after the clock was set back; undone it only delays",
    "store.DropTask.": "of a task that is over; found over again",
    "store.PutSeller.": "the command line, which says when it is done",
    "store.AddKey.": "likewise",
    "store.RevokeKeys.": "likewise",
    "pss.no_show.": "the airport's, not ours",
    "pss.schedule.before-commit": "the airline's own: nobody hears of it",
    "store.LeaseFeed.": "who follows a feed: the next one finds the same lines",
    "store.MoveFeed.": "lines that concern nobody are passed over again",
    "store.LeaseNotifications.before-commit": "found due over again",
    "store.PostponeNotification.": "sent again when its lease has run out",
    "store.GiveUpNotifications.": "housekeeping: what is old is found again",
    "store.ResendNotifications.": "the command line, which says when it is done",
    "store.PutEndpoint.": "likewise",
    "store.DropEndpoint.": "likewise",
    "pages.end.": "the payer's, at the provider",
}


def every_place() -> set[str]:
    """As they are armed, without a count."""
    templates = _templates()
    literal = {each for each in templates if "{" not in each}
    assert templates - literal == {
        "fulfil.{}.before",
        "fulfil.{}.called",
        "fulfil.{}.recorded",
        "store.{}",
        "store.{}.{}",
        "{}.{}.{}",  # a simulated side: its name, its verb
    }
    steps = {f"fulfil.{step}" for step in Step}
    commits = {f"store.{unit.__name__}" for unit in APPLY} | {"store"}
    commits |= {f"{side}.{verb}" for side, path in SIDES.items() for verb in _verbs(path)}
    return (
        literal
        | {f"{each}.{moment}" for each in steps for moment in ("before", "called", "recorded")}
        | {f"{each}.{moment}" for each in commits for moment in ("before-commit", "after-commit")}
    )


def _templates() -> set[str]:
    """Every argument of `reached(…)`, with {} for what is computed."""
    found = set()
    for folder in (ROOT / "src", ROOT / "adapters"):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reached":
                    found.add(_template(node.args[0]))
    return found


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)


def _verbs(path: str) -> set[str]:
    """The verbs of a simulated side that write: first arguments of `….change("…")`."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "change"
        and isinstance(node.args[0], ast.Constant)
    }
