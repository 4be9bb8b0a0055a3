"""Which function writes which unit: the whole list of what can be written."""

from typing import Final

from ndc_oms.ports.store import (
    ClaimKey,
    DropClaim,
    DropTask,
    EnterWork,
    FreeLeases,
    HurryTasks,
    KeepOffer,
    KeepQuote,
    KeepReply,
    LeaseTasks,
    PostponeTask,
    RecordOrder,
)
from ndc_oms.store.claims import claim_key, claim_keys, claim_names, drop_claim, keep_reply
from ndc_oms.store.outbox import drop_task, hurry_tasks, lease_tasks, postpone_task
from ndc_oms.store.presence import enter_work, free_leases
from ndc_oms.store.purge import Purge, purge
from ndc_oms.store.quotes import keep_quote
from ndc_oms.store.rates import SpendTokens, rate_names, spend_tokens
from ndc_oms.store.recording import keep_offer, make_recording, record_order
from ndc_oms.store.sellers import (
    AddKey,
    PutSeller,
    RevokeKeys,
    add_key,
    put_seller,
    revoke_keys,
    seller_names,
)
from ndc_oms.store.writer import Apply, Writing

APPLY: Final[Apply] = {
    ClaimKey: Writing(claim_key, together=claim_keys, alone=claim_names),
    DropClaim: Writing(drop_claim),
    KeepOffer: Writing(keep_offer),
    RecordOrder: Writing(record_order, make=make_recording),
    KeepQuote: Writing(keep_quote),
    KeepReply: Writing(keep_reply),
    FreeLeases: Writing(free_leases),
    EnterWork: Writing(enter_work),
    LeaseTasks: Writing(lease_tasks),
    HurryTasks: Writing(hurry_tasks),
    PostponeTask: Writing(postpone_task),
    DropTask: Writing(drop_task),
    PutSeller: Writing(put_seller, alone=seller_names),
    AddKey: Writing(add_key),
    RevokeKeys: Writing(revoke_keys),
    SpendTokens: Writing(spend_tokens, alone=rate_names),
    Purge: Writing(purge),
}
