"""Which function writes which unit: the whole list of what can be written."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ndc_oms.ports.store import (
    ClaimKey,
    DropClaim,
    DropTask,
    KeepOffer,
    KeepReply,
    LeaseTasks,
    PostponeTask,
    RecordOrder,
    Unit,
)
from ndc_oms.store.claims import claim_key, drop_claim, keep_reply
from ndc_oms.store.hand import Hand
from ndc_oms.store.outbox import drop_task, lease_tasks, postpone_task
from ndc_oms.store.recording import keep_offer, record_order
from ndc_oms.store.sellers import AddKey, PutSeller, RevokeKeys, add_key, put_seller, revoke_keys

# Any: each function takes exactly its key's unit, which a mapping's type cannot say.
APPLY: Final[Mapping[type[Unit[Any]], Callable[[Hand, Any], Any]]] = {
    ClaimKey: claim_key,
    DropClaim: drop_claim,
    KeepReply: keep_reply,
    KeepOffer: keep_offer,
    RecordOrder: record_order,
    LeaseTasks: lease_tasks,
    PostponeTask: postpone_task,
    DropTask: drop_task,
    PutSeller: put_seller,
    AddKey: add_key,
    RevokeKeys: revoke_keys,
}
