"""The guard: bytes from outside become a tree, or an `Unreadable` that says why.

The checks stand in order of cost, and each closes something that a parser with safe flags still
lets through: a DOCTYPE whose entities cut an amount in two, defaults injected by a DTD, comments
and processing instructions that split a text, UTF-7 and UTF-16 that slip past a scan of bytes,
and documents whose only purpose is to take time. What leaves here is well-formed UTF-8 without
DTD, comments or instructions, of bounded size, depth and width; nothing more is promised.
"""

import re
from typing import Final

from lxml import etree

from ndc_oms.errors import Invalid

MAX_BYTES: Final = 2 * 1024 * 1024  # twenty times the largest request met in IATA's examples
MAX_TAGS: Final = 10_000  # of `<`: 5,000 elements; nine passengers on six bounds need 2,000
MAX_EQUALS: Final = 10_000  # of `=`: attributes, and base64 padding beside them
MAX_XMLNS: Final = 5_000  # some serializers repeat the namespace on every element
MAX_ATTRIBUTES: Final = 32  # on one element; the widest IATA element has 7
MAX_DEPTH: Final = 64  # the deepest path of the 21.3 messages is below 30
MAX_TEXT: Final = 32_768  # characters in one element; a card authentication answer has 10,000
MAX_DIGITS: Final = 64  # in one run: int() and Decimal() cost the square of it

_BOM: Final = b"\xef\xbb\xbf"
_DECLARATION: Final = re.compile(rb"<\?xml\s([^>]{0,200}?)\?>")
_VERSION: Final = re.compile(rb"""version\s*=\s*["']([^"']*)["']""")
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_DIGIT_RUN: Final = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS + 1))
_TOO_WIDE: Final = etree.XPath(f"boolean(//*[count(@*) > {MAX_ATTRIBUTES}])")
_TOO_DEEP: Final = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")
_TOO_LONG: Final = etree.XPath(
    f"boolean(//text()[string-length() > {MAX_TEXT}] | //@*[string-length() > {MAX_TEXT}])"
)


class Unreadable(Invalid):
    """Not an XML document that this server reads: HTTP 400, code 912, nothing was done."""


def guard(body: bytes, *, max_bytes: int = MAX_BYTES) -> etree._Element:
    """The root of the document in `body`. Raises Unreadable, in bounded time and memory."""
    body = _plain(body, max_bytes)
    _refuse_dtd(body)
    _refuse_crowds(body)
    root = _parse(body)
    _refuse_shapes(root, len(body))
    return root


def _refuse(text: str, remedy: str) -> Unreadable:
    return Unreadable(text, remedy=remedy)


def _plain(body: bytes, max_bytes: int) -> bytes:
    """Without BOM; proven to be UTF-8 that begins like XML."""
    if len(body) > max_bytes:
        raise _refuse(
            f"The document has {len(body)} bytes; at most {max_bytes} are read.",
            "Send a smaller document.",
        )
    body = body.removeprefix(_BOM)
    if not body:
        raise _refuse("The body is empty.", "Send an NDC message as XML.")
    if body[:1] != b"<":
        raise _refuse(
            "The body is not XML: its first byte is not '<'.",
            "Send XML in UTF-8 with nothing before it.",
        )
    if b"\0" in body:
        raise _refuse("The body holds a NUL byte.", "Send XML in UTF-8, not in UTF-16 or UTF-32.")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise _refuse(
            f"The body is not UTF-8: byte {wrong.start} cannot be decoded.", "Send XML in UTF-8."
        ) from None
    _check_declaration(body)
    return body


def _check_declaration(body: bytes) -> None:
    """`<?xml version="1.0" encoding="UTF-8"?>`, or none at all."""
    if not body.startswith(b"<?xml") or body[5:6] not in b" \t\r\n":
        return
    declared = _DECLARATION.match(body)
    if declared is None:
        raise _refuse("The XML declaration is malformed.", "Leave it out, or end it with '?>'.")
    version = _VERSION.search(declared[1])
    if version is None or version[1] != b"1.0":
        raise _refuse("The XML version is not 1.0.", 'Declare version="1.0".')
    encoding = _ENCODING.search(declared[1])
    if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise _refuse("The declared encoding is not UTF-8.", 'Declare encoding="UTF-8".')


def _refuse_dtd(body: bytes) -> None:
    for word in (b"<!DOCTYPE", b"<!ENTITY"):
        if word in body:
            raise _refuse(
                f"The document holds {word.decode()}: document types and entities are not read.",
                "Send the message without a DTD.",
            )


def _refuse_crowds(body: bytes) -> None:
    """Counts in bytes, before the parser spends anything on them."""
    for mark, limit, what in (
        (b"<", MAX_TAGS, "tags"),
        (b"=", MAX_EQUALS, "attributes"),
        (b"xmlns", MAX_XMLNS, "namespace declarations"),
    ):
        if body.count(mark) > limit:
            raise _refuse(f"The document has more than {limit} {what}.", "Send a smaller message.")
    if _DIGIT_RUN.search(body):
        raise _refuse(
            f"The document holds a number of more than {MAX_DIGITS} digits.",
            "Send amounts, numbers and dates of a sensible length.",
        )


def _parse(body: bytes) -> etree._Element:
    # A parser for each request: lxml's parsers keep a dictionary of names that only grows, and a
    # shared one would let strangers fill it.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as wrong:
        line, column = wrong.position
        raise _refuse(
            f"The document is not well-formed XML: line {line}, column {column}.",
            "Check the document with an XML parser; the line is where reading stopped.",
        ) from None


def _refuse_shapes(root: etree._Element, size: int) -> None:
    if _TOO_WIDE(root):
        raise _refuse(
            f"An element has more than {MAX_ATTRIBUTES} attributes.", "Send NDC's attributes only."
        )
    if _TOO_DEEP(root):
        raise _refuse(
            f"Elements are nested more than {MAX_DEPTH} deep.", "Send NDC's elements only."
        )
    if size > MAX_TEXT and _TOO_LONG(root):
        raise _refuse(
            f"A text has more than {MAX_TEXT} characters.", "Send texts of a sensible length."
        )
