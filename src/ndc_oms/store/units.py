"""Which function writes which unit: the whole list of what can be written."""

from typing import Final

from ndc_oms.ports.hearing import LeaseFeed, MoveFeed, RecordHeard
from ndc_oms.ports.notify import (
    DropEndpoint,
    EndNotification,
    GiveUpNotifications,
    LeaseNotifications,
    PostponeNotification,
    PutEndpoint,
    ResendNotifications,
)
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
from ndc_oms.store.claims import (
    claim_key,
    claim_keys,
    claim_names,
    drop_claim,
    keep_replies,
    keep_reply,
    make_claim,
    make_reply,
)
from ndc_oms.store.feeds import lease_feed, make_heard, move_feed, record_heard
from ndc_oms.store.notices import (
    drop_endpoint,
    end_notification,
    give_up_notifications,
    lease_notifications,
    postpone_notification,
    put_endpoint,
    resend_notifications,
)
from ndc_oms.store.outbox import drop_task, hurry_tasks, lease_tasks, postpone_task
from ndc_oms.store.presence import enter_work, free_leases
from ndc_oms.store.purge import Purge, purge
from ndc_oms.store.quotes import keep_quote
from ndc_oms.store.rates import SpendTokens, rate_names, spend_tokens
from ndc_oms.store.recording import keep_offer, make_recording, record_order, record_orders
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
    ClaimKey: Writing(claim_key, together=claim_keys, alone=claim_names, make=make_claim),
    DropClaim: Writing(drop_claim),
    KeepOffer: Writing(keep_offer),
    RecordOrder: Writing(record_order, together=record_orders, make=make_recording),
    KeepQuote: Writing(keep_quote),
    KeepReply: Writing(keep_reply, together=keep_replies, make=make_reply),
    FreeLeases: Writing(free_leases),
    EnterWork: Writing(enter_work),
    LeaseTasks: Writing(lease_tasks),
    HurryTasks: Writing(hurry_tasks),
    PostponeTask: Writing(postpone_task),
    DropTask: Writing(drop_task),
    LeaseFeed: Writing(lease_feed, alone=lambda unit: (f"feed {unit.feed}",)),
    RecordHeard: Writing(record_heard, make=make_heard),
    MoveFeed: Writing(move_feed),
    PutEndpoint: Writing(put_endpoint, alone=lambda unit: (f"seller {unit.endpoint.org_id}",)),
    DropEndpoint: Writing(drop_endpoint),
    LeaseNotifications: Writing(lease_notifications),
    EndNotification: Writing(end_notification),
    PostponeNotification: Writing(postpone_notification),
    ResendNotifications: Writing(resend_notifications),
    GiveUpNotifications: Writing(give_up_notifications),
    PutSeller: Writing(put_seller, alone=seller_names),
    AddKey: Writing(add_key),
    RevokeKeys: Writing(revoke_keys),
    SpendTokens: Writing(spend_tokens, alone=rate_names),
    Purge: Writing(purge),
}
