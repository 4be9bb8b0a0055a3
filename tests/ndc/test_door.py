"""Every way of attacking the door that is known to us, each by name, and what must still pass."""

import tracemalloc

import pytest

from ndc_oms.ndc.door import (
    MAX_ATTRIBUTES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_EQUALS,
    MAX_TAGS,
    MAX_TEXT,
    MAX_XMLNS,
    Unreadable,
    guard,
)


def attributes(count: int) -> bytes:
    return b" ".join(b'a%d="1"' % n for n in range(count))


def namespaces(count: int) -> bytes:
    return b" ".join(b'xmlns:n%d="u"' % n for n in range(count))


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def entities(count: int) -> bytes:
    declared = b"".join(b'<!ENTITY e%d "x">' % n for n in range(count))
    return b"<!DOCTYPE a [" + declared + b"]><a>&e1;</a>"


BILLION_LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY l0 "ha">'
    + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><a>&l9;</a>"
)
DECLARED = '<?xml version="1.0" encoding="%s"?><a/>'

ATTACKS = {
    "empty": (b"", "empty"),
    "only a BOM": (b"\xef\xbb\xbf", "empty"),
    "not XML at all": (b'{"json": true}', "first byte"),
    "white space before": (b"\n<a/>", "first byte"),
    "too long": (b"<a>" + b" " * MAX_BYTES + b"</a>", "bytes"),
    "NUL": (b"<a>\0</a>", "NUL"),
    "UTF-16 with BOM": ("\ufeff<a/>".encode("utf-16-le"), "first byte"),
    "UTF-16 without BOM": ("<a/>".encode("utf-16-le"), "NUL"),
    "UTF-32": ("<a/>".encode("utf-32-le"), "NUL"),
    "UTF-7 declared": ((DECLARED % "UTF-7").encode(), "encoding"),
    "UTF-7 hiding a DOCTYPE": (
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
        "encoding",
    ),
    "Latin-1 declared": ((DECLARED % "ISO-8859-1").encode(), "encoding"),
    "EBCDIC": ((DECLARED % "IBM037").encode("cp037"), "first byte"),
    "encoding far away": (b'<?xml version="1.0"' + b" " * 500 + b'encoding="UTF-7"?><a/>', "decl"),
    "overlong UTF-8": (b"<a>\xc0\xbcb\xc0\xbe</a>", "UTF-8"),
    "surrogates in UTF-8": (b"<a>\xed\xa0\x80</a>", "UTF-8"),
    "Latin-1 bytes": (b"<a>M\xfcller</a>", "UTF-8"),
    "XML 1.1": (b'<?xml version="1.1"?><a/>', "version"),
    "no version": (b'<?xml encoding="UTF-8"?><a/>', "version"),
    "declaration without end": (b'<?xml version="1.0"', "declaration"),
    "DOCTYPE": (b"<!DOCTYPE a><a/>", "DOCTYPE"),
    "entity inside an amount": (b'<!DOCTYPE a [<!ENTITY x "9">]><a>1&x;00</a>', "DOCTYPE"),
    "external entity": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "DOCTYPE",
    ),
    "external DTD": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "DOCTYPE"),
    "parameter entity": (b'<!DOCTYPE a [<!ENTITY % p "x">%p;]><a/>', "DOCTYPE"),
    "defaults by DTD": (b'<!DOCTYPE a [<!ATTLIST a b CDATA "1">]><a/>', "DOCTYPE"),
    "billion laughs": (BILLION_LAUGHS, "DOCTYPE"),
    "quadratic blow-up": (
        b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 10_000 + b"</a>",
        "DOCTYPE",
    ),
    "many entities": (entities(40_000), "DOCTYPE"),
    "entity without DOCTYPE": (b'<a><!ENTITY x "1"></a>', "ENTITY"),
    "unknown entity": (b"<a>1&x;00</a>", "well-formed"),
    "many tags": (b"<a>" + b"<b/>" * MAX_TAGS + b"</a>", "tags"),
    "many comments": (b"<a>" + b"1<!-- -->" * MAX_TAGS + b"</a>", "tags"),
    "many attributes": (b"<a " + attributes(MAX_EQUALS + 1) + b"/>", "attributes"),
    "many namespaces": (b"<a " + namespaces(MAX_XMLNS + 1) + b"/>", "namespace"),
    "a wide element": (b"<a " + attributes(MAX_ATTRIBUTES + 1) + b"/>", "attributes"),
    "wide elements": (b"<a>" + (b"<b " + attributes(33) + b"/>") * 200 + b"</a>", "attributes"),
    "deep": (nested(MAX_DEPTH + 1), "deep"),
    "deeper than libxml2 goes": (nested(4_000), "well-formed"),
    "a long text": (b"<a>" + b"x" * (MAX_TEXT + 1) + b"</a>", "characters"),
    "a long attribute": (b'<a b="' + b"x" * (MAX_TEXT + 1) + b'"/>', "characters"),
    "a long text by references": (b"<a>" + b"&#65;" * (MAX_TEXT + 1) + b"</a>", "characters"),
    "a long name": (b"<" + b"a" * 1_000_000 + b"/>", "well-formed"),
    "a long number": (b"<a>" + b"9" * 65 + b"</a>", "digits"),
    "not closed": (b"<a><b></a>", "well-formed"),
    "two roots": (b"<a/><a/>", "well-formed"),
    "an attribute twice": (b'<a b="1" b="2"/>', "well-formed"),
    "unbound prefix": (b"<p:a/>", "well-formed"),
    "control characters": (b"<a>\x01</a>", "well-formed"),
    "control character by reference": (b"<a>&#1;</a>", "well-formed"),
    "text after the root": (b"<a/>x", "well-formed"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused_with_its_reason(name: str) -> None:
    body, reason = ATTACKS[name]
    with pytest.raises(Unreadable) as refused:
        guard(body)
    assert reason in refused.value.text
    assert refused.value.code == "912"
    assert refused.value.remedy
    assert len(refused.value.text) < 300  # nothing of the document is given back


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_costs_little_memory(name: str) -> None:
    body, _ = ATTACKS[name]
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable):
            guard(body)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * len(body) + 1_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"<a>100<!-- -->99</a>",
        b"<a>100<?x y?>99</a>",
        b"<a>100<![CDATA[99]]></a>",
        b"<a>100&#57;9</a>",
    ],
    ids=["comment", "instruction", "CDATA", "reference"],
)
def test_nothing_splits_a_text(body: bytes) -> None:
    root = guard(body)
    assert root.text == "10099"
    assert len(root) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf<a/>",
        b"<?xml version='1.0' encoding='utf-8'?>\n<a/>",
        b'<?xml version="1.0" encoding="US-ASCII" standalone="yes"?><a/>',
        "<a>Zoë Müller 李</a>".encode(),
        b"<a " + attributes(MAX_ATTRIBUTES) + b"/>",
        nested(MAX_DEPTH),
        b"<a " + namespaces(200) + b"><n199:b/></a>",
        b"<!-- before --><a/><!-- after -->",
    ],
)
def test_an_honest_document_passes(body: bytes) -> None:
    assert guard(body).tag == "a"


def test_xinclude_and_stylesheets_are_left_alone() -> None:
    root = guard(
        b'<?xml-stylesheet href="file:///etc/passwd"?><a xmlns:x="http://www.w3.org/2001/XInclude">'
        b'<x:include href="file:///etc/passwd" parse="text"/></a>'
    )
    assert root[0].tag == "{http://www.w3.org/2001/XInclude}include"
    assert root[0].text is None


def test_the_limit_can_be_lowered() -> None:
    with pytest.raises(Unreadable, match="at most 10"):
        guard(b"<aaaaaaaaaa/>", max_bytes=10)
