"""Signatures of notifications: who sent one, when, and that nothing of it was changed.

    X-NDC-OMS-Signature: t=1768208400,v1=5f2b…

v1 is HMAC-SHA256, in hexadecimal digits, of `<t>.<body>` under the endpoint's key, a text that the
seller was shown when it registered. A receiver compares it, and refuses a t that is minutes old.
The key follows from the house's secret and a salt, so that no key is stored.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

from ndc_oms.ports.notify import Endpoint

HEADER: Final = "X-NDC-OMS-Signature"
NAME: Final = "X-NDC-OMS-Notification"  # the same for every sending of a notification
PING: Final = "X-NDC-OMS-Ping"
_PREFIX: Final = "ndc_notify_"


def new_salt() -> str:
    return secrets.token_hex(16)


def key_of(secret: bytes, endpoint: Endpoint) -> str:
    """As the seller knows it."""
    text = f"notify:{endpoint.org_id}:{endpoint.salt}"
    return _PREFIX + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def signature(key: str, body: bytes, at: datetime) -> str:
    """The header's value."""
    seconds = int(at.timestamp())
    made = hmac.new(key.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={made.hexdigest()}"
