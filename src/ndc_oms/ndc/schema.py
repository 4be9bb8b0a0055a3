"""Is this document what NDC says it is? libxml2 decides, one compiled schema for all messages.

libxml2 speaks in namespaces, positions and type names; agents read element names. What it finds
is put into paths like `/IATA_AirShoppingRQ/Request/PaxList/Pax[2]/PTC` and plain words, and no
value is repeated that could be a card's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from ndc_oms.errors import Invalid, Refusal, Refusals
from ndc_oms.model.cards import without_cards
from ndc_oms.ndc.envelope import COMMON, MESSAGE, Notice
from ndc_oms.ndc.redact import is_secret

MAX_VIOLATIONS: Final = 10  # reported at once; more than that is another message altogether
DRIVER: Final = "ndc.xsd"
_XS: Final = "http://www.w3.org/2001/XMLSchema"


@dataclass(frozen=True, slots=True)
class Violation:
    """One deviation. path: readable. line: 1-based, 0 where unknown. text: a sentence."""

    path: str
    line: int
    text: str

    def sentence(self) -> str:
        return f"{self.text.rstrip('.')} (line {self.line})." if self.line else self.text


class Schema:
    """Compiled once, at start. source: a driver file, a folder that holds `ndc.xsd`, or a folder
    of IATA's own files, for which the driver is made in memory. Raises ValueError when it does
    not compile.
    """

    def __init__(self, source: Path) -> None:
        try:
            self._compiled = etree.XMLSchema(_driver(source))
        except (etree.LxmlError, OSError) as wrong:
            raise ValueError(f"no NDC schema could be compiled from {source}: {wrong}") from wrong

    def check(self, root: etree._Element) -> list[Violation]:
        """The first MAX_VIOLATIONS deviations, in document order; none for a valid document."""
        if self._compiled.validate(root):
            return []
        found: list[Violation] = []
        for entry in self._compiled.error_log:
            violation = _violation(root, entry)
            if violation not in found:
                found.append(violation)
            if len(found) == MAX_VIOLATIONS:
                break
        return found


def refusal(violations: Sequence[Violation]) -> Refusal:
    """What a strict seller is told."""
    return Refusals(
        [
            Invalid(v.sentence(), path=v.path, remedy="Mend the document and send it again.")
            for v in violations
        ]
    )


def notices(violations: Sequence[Violation]) -> tuple[Notice, ...]:
    """What a lenient seller is told beside the answer."""
    return tuple(
        Notice("912", f"Read in spite of a deviation from the schema: {v.sentence()}", v.path)
        for v in violations
    )


def put_into_namespaces(root: etree._Element) -> None:
    """For lenient reading: the root and its children are the message's, all else is common."""
    for element in root.iter(etree.Element):
        top = element is root or element.getparent() is root
        element.tag = f"{{{MESSAGE if top else COMMON}}}{etree.QName(element).localname}"


def _driver(source: Path) -> "etree._ElementTree[etree._Element]":
    if source.is_file():
        return etree.parse(source)
    if (source / DRIVER).is_file():
        return etree.parse(source / DRIVER)
    files = sorted(p for p in source.glob("IATA_*.xsd") if not p.stem.endswith("CommonTypes"))
    if not files:
        raise ValueError(f"{source} holds neither {DRIVER} nor IATA_*.xsd")
    # Includes, not imports: of several imports of one namespace libxml2 reads the first only.
    root = etree.Element(f"{{{_XS}}}schema", targetNamespace=MESSAGE)
    for path in files:
        etree.SubElement(root, f"{{{_XS}}}include", schemaLocation=path.resolve().as_uri())
    return etree.ElementTree(root)


def _violation(root: etree._Element, entry: etree._LogEntry) -> Violation:
    path = readable_path(root, entry.path or "")
    name = re.sub(r"\[\d+\]$", "", path.rpartition("/")[2])
    text = in_words(entry.message, secret=is_secret(name))
    return Violation(without_cards(path), entry.line, without_cards(text))  # names bear them too


def readable_path(root: etree._Element, xpath: str) -> str:
    """libxml2's `/m:A/*[2]/c:B[3]` as names; an index only where siblings share the name."""
    element, names = root, [etree.QName(root).localname]
    for step in xpath.strip("/").split("/")[1:]:
        if step.startswith("@"):
            names.append(step)
            break
        name, _, index = step.partition("[")
        # Prefixes need not be compared: libxml2 gives a name only to elements with a prefix, and
        # one document rarely binds two to the same names; the worst is an index too high.
        same = [c for c in element if name in ("*", _prefixed(c))]
        position = int(index[:-1]) - 1 if index else 0
        if position >= len(same):
            break
        element = same[position]
        local = etree.QName(element).localname
        twins = [c for c in element.itersiblings(preceding=True) if _local(c) == local]
        others = bool(twins) or any(_local(c) == local for c in element.itersiblings())
        names.append(f"{local}[{len(twins) + 1}]" if others else local)
    return "/" + "/".join(names)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _prefixed(element: etree._Element) -> str:
    return f"{element.prefix}:{_local(element)}" if element.prefix else _local(element)


# What libxml2 says, and how we say it. Groups: name of the element, expectation or value.
_SUBJECT: Final = re.compile(r"^Element '(?:\{([^}]*)\})?([^']*)'(?:, attribute '([^']*)')?: ")
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( (.*) \)\.")
_VALUE: Final = re.compile(
    r"^(?:\[facet '(?P<facet>\w+)'\] )?(?:The value )?'(?P<value>.*?)' "
    r"(?P<rest>(?:is not |has a length ).*)$",
    re.S,
)
_LENGTH: Final = re.compile(
    r"^\[facet '(?P<facet>minLength|maxLength)'\] The value .*?has a length of '(?P<found>\d+)'; "
    r"this \w+ the allowed \w+ length of '(?P<bound>\d+)'",
    re.S,
)
_TYPES: Final = {
    "DateType": "a date (YYYY-MM-DD)",
    "date": "a date (YYYY-MM-DD)",
    "DateTimeType": "a date and time (YYYY-MM-DDThh:mm:ss, with Z or an offset)",
    "dateTime": "a date and time (YYYY-MM-DDThh:mm:ss, with Z or an offset)",
    "TimeType": "a time (hh:mm:ss)",
    "time": "a time (hh:mm:ss)",
    "duration": "a duration (like PT2H30M)",
    "DurationType": "a duration (like PT2H30M)",
    "AmountType": "an amount (like 123.45)",
    "decimal": "a decimal number",
    "integer": "a whole number",
    "IndType": "true or false",
    "boolean": "true or false",
}


def in_words(message: str, *, secret: bool = False) -> str:
    """libxml2's sentence in ours. secret: do not repeat the value."""
    subject = _SUBJECT.match(message)
    if subject is None:
        return _bare(message)
    namespace, name, attribute = subject.groups()
    rest = message[subject.end() :]
    what = f"The attribute {attribute} of {name}" if attribute else name
    if "No matching global" in rest:
        return f"{name} in the namespace '{namespace or ''}' is not a message of this release."
    if rest.startswith(("This element is not expected", "Missing child")):
        return _about_order(namespace or "", name, rest)
    if "Character content other than whitespace" in rest or "content is not allowed" in rest:
        return f"{name} holds text; only elements may stand in it."
    return _about_content(what, rest, secret)


def _about_content(what: str, rest: str, secret: bool) -> str:
    length = _LENGTH.match(rest)
    if length:
        bound = "at least" if length["facet"] == "minLength" else "at most"
        return f"{what} has {length['found']} characters; it takes {bound} {length['bound']}."
    value = _VALUE.match(rest)
    if value:
        return _about_value(what, value["value"], value["facet"], value["rest"], secret)
    return f"{what}: {'its value is not valid.' if secret else without_cards(_bare(rest))}"


def _about_order(namespace: str, name: str, rest: str) -> str:
    expected = _EXPECTED.search(rest)
    names = [n.strip() for n in expected[1].split(",")] if expected else []
    plain = [_bare(n) for n in names]
    choice = (plain[0] if len(plain) == 1 else "one of " + ", ".join(plain)) if plain else ""
    if rest.startswith("Missing"):
        return f"{name} ends too early: {choice or 'an element'} is missing."
    if name in plain:
        wanted = names[plain.index(name)].partition("}")[0].lstrip("{")
        return f"{name} stands in the namespace '{namespace}'; it belongs in '{wanted}'."
    if not plain:
        return f"{name} is not expected here; nothing more may follow."
    return f"{name} is not expected here; expected is {choice}."


def _about_value(what: str, value: str, facet: str | None, rest: str, secret: bool) -> str:
    shown = "its value" if secret else f"'{without_cards(value[:60])}'"
    kind = re.search(r"atomic type '(?:\{[^}]*\}|\w+:)?(\w+)'", rest)
    if kind:
        return f"{what}: {shown} is not {_TYPES.get(kind[1], 'a value of ' + kind[1])}."
    allowed = re.search(r"element of the set \{(.*)\}", rest, re.S)
    if facet == "enumeration" and allowed:
        values = [v.strip().strip("'") for v in allowed[1].split(",")]
        more = f" and {len(values) - 20} more" if len(values) > 20 else ""
        return f"{what}: {shown} is not one of {', '.join(values[:20])}{more}."
    return f"{what}: {shown} {_bare(rest)}"


def _bare(text: str) -> str:
    """Without namespaces in braces."""
    return re.sub(r"\{(?:https?:[^}]*)\}", "", text)
