"""`ndc-oms` with a wall clock that a file sets ahead or back; its monotonic clock goes on, as when
an operator or NTP sets a machine's clock.

    NDC_TEST_CLOCK=/some/file python -m tests.faults.stepping serve
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ndc_oms.cli.main import main
from ndc_oms.ports.clock import SystemClock

VARIABLE: Final = "NDC_TEST_CLOCK"  # names the file: seconds, negative for back; none: zero


def _now(_clock: SystemClock) -> datetime:
    try:
        offset_s = float(Path(os.environ[VARIABLE]).read_text())
    except FileNotFoundError:
        offset_s = 0.0
    return datetime.now(UTC) + timedelta(seconds=offset_s)


if __name__ == "__main__":
    SystemClock.now = _now  # type: ignore[method-assign]  # what this module is for
    main()
