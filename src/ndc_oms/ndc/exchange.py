"""The switchboard: from the root element to who reads, who acts and who writes the answer.

A message goes down once and comes up once: guard, find the row, check who asks, validate, read,
act, write. Every refusal on the way is rendered by `faults`; everything else that is raised is a
bug, logged with an id and answered with 911 and that id. A time-out of what stands behind is no
exception here: acts return outcomes.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from lxml import etree

from ndc_oms.errors import Invalid, NotAllowed, Refusal
from ndc_oms.model.cards import without_cards
from ndc_oms.ndc import faults
from ndc_oms.ndc.door import MAX_BYTES, Unreadable, guard
from ndc_oms.ndc.envelope import (
    Envelope,
    Notice,
    body_hash,
    links,
    open_envelope,
    seller_links,
)
from ndc_oms.ndc.redact import redact
from ndc_oms.ndc.schema import Schema, notices, put_into_namespaces, refusal
from ndc_oms.ndc.unused import Unused
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.sellers import Caller

MAX_KEY: Final = 200  # characters of an idempotency key
CHAIN: Final = "DistributionChain/DistributionChainLink/ParticipatingOrg/OrgID"

# Requests and results are each row's own records; the exchange only hands them on.
Reader = Callable[[etree._Element, Envelope], Any]
Act = Callable[..., Awaitable[Any]]
Writer = Callable[[Any, Envelope], bytes]
Keep = Callable[[Envelope, Any, bytes], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One message that is served.

    message, reply: local names of the roots. act: `async (request, caller)`; of a row that
    writes `async (request, caller, attempt)` with ports.sellers.Attempt, and its result may
    carry `replay: bytes`, an earlier reply that is sent as it is. keep: `async (envelope,
    result, reply)`, awaited between writing a reply and sending it, where there is a key; not
    for replayed ones; result is None for a refusal that is `kept`. The redacted request is in
    envelope.copy. needs: a permission of Seller.can. of_provider: who sends it sells nothing, and
    stands in the DistributionChain in whatever role. ignored: paths below the root, such as
    `Request/Promotion`, that the server accepts and does not use; a Warning names each.
    """

    message: str
    reply: str
    read: Reader
    act: Act
    write: Writer
    writes: bool = False
    keep: Keep | None = None
    needs: str = ""
    of_provider: bool = False
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. status: HTTP's; 400 for what is unread, 500 for a bug, so that monitors and
    proxies see it, 200 for every business answer. message: of a served request, else "".
    outcome: ok, replayed, refused, bug, unread (not XML, or a message that is not served).
    code: PADIS, of the first refusal. retry_after_s: where waiting helps.
    """

    body: bytes
    status: int = 200
    message: str = ""
    outcome: str = "ok"
    code: str = ""
    retry_after_s: int | None = None


class Exchange:
    """rows: the literal table. secret: keys the hashes of bodies. max_bytes: of a document."""

    def __init__(
        self,
        rows: Sequence[Row],
        schema: Schema,
        *,
        clock: Clock,
        secret: bytes,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._rows = {row.message: row for row in rows}
        if len(self._rows) != len(rows):
            raise AssertionError("two rows for one message")
        self._schema = schema
        self._clock = clock
        self._secret = secret
        self._max_bytes = max_bytes
        self._unused = {row.message: Unused(row.ignored) for row in rows if row.ignored}

    @property
    def messages(self) -> tuple[str, ...]:
        """Those served, by name."""
        return tuple(sorted(self._rows))

    async def handle(
        self, body: bytes, caller: Caller, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Never raises but for cancellation. headers: only Idempotency-Key is read."""
        envelope: Envelope | None = None
        row: Row | None = None
        try:
            root = guard(body, max_bytes=self._max_bytes)
            envelope = open_envelope(root, caller, self._clock.now())
            row = self._row(envelope.message)
            request, envelope = self._receive(row, root, envelope, caller, headers or {})
            del root  # the tree is the largest thing that a waiting request would hold
            if row.writes:
                return await self._write_once(row, request, caller, envelope)
            result = await row.act(request, caller)
            return Reply(row.write(result, envelope), message=row.message)
        except Refusal as refused:
            return self._refused(refused, row, envelope or self._bare_envelope(caller))
        except Exception as bug:  # the one place where a bug becomes an answer
            return self._failed(bug, row, envelope or self._bare_envelope(caller))

    def refuse(self, refused: Refusal) -> bytes:
        """A reply before any document was read: wrong key, too many requests, too large."""
        return faults.render(faults.FALLBACK_REPLY, refused, echo=self._bare_envelope(None))

    def _bare_envelope(self, caller: Caller | None) -> Envelope:
        return open_envelope(None, caller, self._clock.now())

    def _row(self, name: str) -> Row:
        row = self._rows.get(name)
        if row is None:
            name = without_cards(name)[:80]
            raise Unreadable(
                f"{name} is not a message that this server answers.",
                path=f"/{name}",
                remedy=f"Send one of: {', '.join(self.messages)}.",
            )
        return row

    def _receive(
        self,
        row: Row,
        root: etree._Element,
        envelope: Envelope,
        caller: Caller,
        headers: Mapping[str, str],
    ) -> tuple[Any, Envelope]:
        """The row's own request, and the envelope with what there is to warn of."""
        elements = tuple(root.iter())  # held: else lxml makes their objects anew at each look
        warned = _check_seller(row, root, caller)
        warned += self._validate(root, lenient=caller.seller.lenient)
        if row.message in self._unused:
            warned += self._unused[row.message](elements)
        envelope = replace(envelope, warnings=warned)
        if row.writes:
            envelope = self._with_attempt(row, root, envelope, headers)
        return _read(row, root, envelope), envelope

    async def _write_once(
        self, row: Row, request: Any, caller: Caller, envelope: Envelope
    ) -> Reply:
        """A reply is kept before it is sent: who repeats the request gets the same bytes."""
        result = None
        try:
            result = await row.act(request, caller, envelope.attempt)
        except Refusal as refused:
            if not refused.kept:
                raise
            reply = self._refused(refused, row, envelope)
        else:
            replay: bytes | None = getattr(result, "replay", None)
            if replay is not None:
                return Reply(replay, message=row.message, outcome="replayed")
            reply = Reply(row.write(result, envelope), message=row.message)
        if row.keep is not None and envelope.key:
            await row.keep(envelope, result, reply.body)
            reached("exchange.reply-kept")
        return reply

    def _with_attempt(
        self, row: Row, root: etree._Element, envelope: Envelope, headers: Mapping[str, str]
    ) -> Envelope:
        key = _key(headers, envelope)
        copy = redact(root) if key and row.keep is not None else b""
        return replace(envelope, key=key, body_hash=body_hash(root, self._secret), copy=copy)

    def _validate(self, root: etree._Element, *, lenient: bool) -> tuple[Notice, ...]:
        violations = self._schema.check(root)
        if violations and not lenient:
            raise refusal(violations)
        if violations:
            put_into_namespaces(root)
        return notices(violations)

    def _refused(self, refused: Refusal, row: Row | None, envelope: Envelope) -> Reply:
        unread = isinstance(refused, Unreadable)
        reply = row.reply if row else faults.FALLBACK_REPLY
        return Reply(
            faults.render(reply, refused, echo=envelope),
            status=400 if unread else 200,
            message=row.message if row else "",
            outcome="unread" if unread else "refused",
            code=refused.code,
            retry_after_s=getattr(refused, "retry_after_s", None),
        )

    def _failed(self, bug: Exception, row: Row | None, envelope: Envelope) -> Reply:
        error_id = secrets.token_hex(8)
        log.error("bug", error_id=error_id, message=envelope.message[:80], exc_info=bug)
        refused = faults.internal_error(may_have_acted=row is not None and row.writes)
        reply = row.reply if row else faults.FALLBACK_REPLY
        return Reply(
            faults.render(reply, refused, echo=envelope, error_id=error_id),
            status=500,
            message=row.message if row else "",
            outcome="bug",
            code=refused.code,
        )


def _check_seller(row: Row, root: etree._Element, caller: Caller) -> tuple[Notice, ...]:
    """The Seller of the chain must be the key's. Before validation: strangers learn no schema."""
    seller, named = caller.seller, list(seller_links(root))
    path = f"/{row.message}/{CHAIN}"
    if row.of_provider:
        named = [org_id for _, org_id in links(root) if org_id == seller.org_id]
    if any(org_id != seller.org_id for org_id in named):
        raise NotAllowed(
            "The Seller of the DistributionChain is not the one whose key was sent.",
            code="717",
            path=path,
            remedy="Name the OrgID that belongs to the key, in one link of role Seller.",
        )
    if not seller.may(row.needs):
        raise NotAllowed(
            f"This seller may not send {row.message}.",
            path=f"/{row.message}",
            remedy="Ask the airline for the permission.",
        )
    if named:
        return ()
    if row.of_provider:
        raise NotAllowed(
            "The DistributionChain does not name the one whose key was sent.",
            code="717",
            path=path,
            remedy="Add a link with the OrgID that belongs to the key.",
        )
    if seller.lenient:
        return (Notice("717", "The DistributionChain names no Seller; the key's was taken.", path),)
    raise NotAllowed(
        "The DistributionChain names no Seller.",
        code="717",
        path=path,
        remedy="Add a link of OrgRole Seller with the OrgID that belongs to the key.",
    )


def _read(row: Row, root: etree._Element, envelope: Envelope) -> Any:
    """What a reader stumbles on is the sender's doing where validation proved nothing (lenient),
    and always where a value is admitted by the schema but by no calendar or number (ValueError,
    ArithmeticError). In a valid document, a missing element is our bug.
    """
    lenient = envelope.caller is not None and envelope.caller.seller.lenient
    ours = () if lenient else (AttributeError, TypeError, LookupError)
    try:
        return row.read(root, envelope)
    except (AttributeError, TypeError, LookupError, ValueError, ArithmeticError) as stumbled:
        if isinstance(stumbled, ours):
            raise
        log.warning("unreadable", message=row.message, reason=type(stumbled).__name__)
        raise Invalid(
            "The document could not be read: an element is missing, or a value is out of bounds.",
            path=f"/{row.message}",
            remedy="Validate the document against the schema, and check dates and numbers.",
        ) from stumbled


def _key(headers: Mapping[str, str], envelope: Envelope) -> str:
    """The header's, else TrxID. The two are kept apart, so that neither can stand for the other."""
    key = headers.get("Idempotency-Key", "").strip()
    if len(key) > MAX_KEY or not key.isprintable():
        raise Invalid(
            f"The Idempotency-Key is longer than {MAX_KEY} characters, or not printable.",
            remedy="Send a UUID, for instance.",
        )
    if key:
        return f"key:{key}"
    return f"trx:{envelope.trx_id}" if envelope.trx_id else ""
