"""Refusals as NDC replies: the one place that renders them.

Error/TypeCode is agreed between the parties, says the schema: here it is the kind of refusal, so
that a client can branch on it without a list of codes. StatusText takes the recommended words:
NotProcessed where nothing was done, Incomplete where something was, Unknown where a bug leaves
it open. TagText is the path of the failing element.
"""

import re
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from ndc_oms.errors import (
    NOTHING_DONE,
    Conflict,
    Expired,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    Refusals,
    Unavailable,
)
from ndc_oms.ndc.envelope import DECLARATION, NAMESPACES, Envelope, Notice
from ndc_oms.ndc.pushed import ACKNOWLEDGEMENT, acknowledge

# The reply to a body whose message is not known. IATA_Acknowledgement has no place for an Error;
# OrderViewRS has, and as the answer to three requests every client can read it.
FALLBACK_REPLY: Final = "IATA_OrderViewRS"

# First match wins. NotFound reads the same for what does not exist and what is another's.
_TYPES: Final[tuple[tuple[type[Refusal], str], ...]] = (
    (Invalid, "Invalid"),
    (NotFound, "NotFound"),
    (Expired, "Expired"),
    (Conflict, "Conflict"),
    (NotAllowed, "NotAllowed"),
    (Unavailable, "Unavailable"),
)
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def internal_error(*, may_have_acted: bool) -> Refusal:
    """What a bug looks like from outside. may_have_acted: the message was one that writes."""
    done = (
        "It is not known whether anything was done: retrieve the order, or send the same message "
        "with the same TrxID again."
        if may_have_acted
        else NOTHING_DONE
    )
    return Refusal(
        "The server failed on this message.", remedy="Quote the ErrorID to support.", done=done
    )


def render(
    reply_name: str,
    refused: Refusal,
    *,
    echo: Envelope,
    lang: str = "EN",
    error_id: str | None = None,
) -> bytes:
    """`reply_name` with an Error for each refusal, and the echoed PayloadAttributes. An
    Acknowledgement, which has no place for an Error, says the first one in its own words.
    """
    if reply_name == ACKNOWLEDGEMENT:
        first = next(iter(_each(refused)))
        where = f"({first.path})" if first.path else ""
        what = f"ErrorID {error_id}." if error_id else ""
        text = " ".join(p for p in (first.text, first.remedy, first.done, where, what) if p)
        return acknowledge(echo, _status(first), text, first.code)
    errors = "".join(_error(each, lang, error_id) for each in _each(refused))
    return (
        f"{DECLARATION}<m:{reply_name} {NAMESPACES}>{errors}{echo.echo}</m:{reply_name}>"
    ).encode()


def warning(notice: Notice, *, lang: str = "EN", tag: str = "Warning") -> str:
    """A Warning of a Response, for the writers of replies (Code, DescText, LangCode, TagText)."""
    code = f"<Code>{_safe(notice.code)}</Code>" if notice.code else ""
    path = f"<TagText>{_safe(notice.path)}</TagText>" if notice.path else ""
    return (
        f"<{tag}>{code}<DescText>{_safe(notice.text)}</DescText>"
        f"<LangCode>{_safe(lang)}</LangCode>{path}</{tag}>"
    )


def _each(refused: Refusal) -> Iterable[Refusal]:
    return refused.each if isinstance(refused, Refusals) else (refused,)


def _error(refused: Refusal, lang: str, error_id: str | None) -> str:
    text = " ".join(part for part in (refused.text, refused.remedy, refused.done) if part)
    kind = next((name for cls, name in _TYPES if isinstance(refused, cls)), "Internal")
    parts = [
        f"<m:Error><Code>{refused.code}</Code><DescText>{_safe(text)}</DescText>",
        f"<ErrorID>{_safe(error_id)}</ErrorID>" if error_id else "",
        f"<LangCode>{_safe(lang)}</LangCode><StatusText>{_status(refused)}</StatusText>",
        f"<TagText>{_safe(refused.path)}</TagText>" if refused.path else "",
        f"<TypeCode>{kind}</TypeCode></m:Error>",
    ]
    return "".join(parts)


def _status(refused: Refusal) -> str:
    if refused.done.startswith(NOTHING_DONE.rstrip(".")):  # "now", "by this sending"
        return "NotProcessed"
    return "Unknown" if "not known" in refused.done else "Incomplete"


def _safe(text: str) -> str:
    return escape(_NOT_XML.sub("?", text))
