"""Reads a set of XSD files as far as NDC schemas go: what tests need to walk and compare them.

Known: element, sequence, choice, complexType, simpleContent, attribute, any, simpleType by
restriction, include, import. Anything else raises NotImplementedError.
"""

from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
IATA = "http://www.iata.org/"  # files of other namespaces (signatures) are not read
MESSAGES = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersMessage"
ANYTHING = frozenset({XS + "anyType", "NotReadType"})
Node = etree._Element


def local(name: str) -> str:
    return name.rpartition("}")[2]


@dataclass(frozen=True)
class Values:
    """A simple type boiled down: its built-in base and every facet on the way there."""

    base: str  # as `token`
    facets: tuple[tuple[str, str], ...]

    def all(self, facet: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.facets if name == facet)


@dataclass
class Grammar:
    """The global elements and types of a schema file and all that it includes and imports."""

    elements: dict[str, Node] = field(default_factory=dict)
    types: dict[str, Node] = field(default_factory=dict)
    files: dict[Path, Node] = field(default_factory=dict)

    @classmethod
    def read(cls, *paths: Path) -> "Grammar":
        grammar = cls()
        for path in paths:
            grammar._load(path.resolve())
        return grammar

    def _load(self, path: Path) -> None:
        if path in self.files:
            return
        root = etree.parse(path).getroot()
        space = root.get("targetNamespace", "")
        if not space.startswith(IATA):
            return
        self.files[path] = root
        for node in root:
            match node.tag:
                case t if t in (XS + "include", XS + "import"):
                    self._load((path.parent / node.attrib["schemaLocation"]).resolve())
                case t if t == XS + "element":
                    self.elements[f"{{{space}}}{node.get('name')}"] = node
                case t if t in (XS + "complexType", XS + "simpleType"):
                    self.types[f"{{{space}}}{node.get('name')}"] = node

    def message(self, name: str) -> Node:
        """The root element `IATA_…`; raises KeyError."""
        return self.elements[f"{{{MESSAGES}}}{name}"]

    def body(self, element: Node) -> Node | str:
        """The type of an element: its node, or the name of a built-in or foreign type."""
        inline = element.find(XS + "complexType")
        if inline is not None:
            return inline
        name = qualified(element, element.attrib["type"])
        return self.types.get(name, name)

    def values(self, name: str) -> Values:
        """A simple type by its qualified name."""
        facets: list[tuple[str, str]] = []
        while name in self.types:
            node = self.types[name]
            restriction = node.find(XS + "restriction")
            if restriction is None:
                raise NotImplementedError(f"{name} is no restriction")
            facets += [
                (local(str(f.tag)), f.attrib["value"]) for f in restriction if "value" in f.attrib
            ]
            name = qualified(restriction, restriction.attrib["base"])
        return Values(local(name), tuple(facets))


def qualified(node: Node, name: str) -> str:
    """`cns:PaxType` as `{namespace}PaxType`, with the prefixes that hold at the node."""
    prefix, colon, rest = name.rpartition(":")
    space = node.nsmap.get(prefix if colon else None)
    return f"{{{space}}}{rest}" if space else rest


def is_anything(body: Node | str) -> bool:
    """True for the types that admit any content."""
    name = body if isinstance(body, str) else body.get("name", "")
    return name in ANYTHING


def is_simple(body: Node | str) -> bool:
    return (isinstance(body, str) and body.startswith(XS)) or (
        not isinstance(body, str) and body.tag == XS + "simpleType"
    )


def extension(body: Node) -> Node | None:
    """The simpleContent extension of a complex type that has one."""
    return body.find(f"{XS}simpleContent/{XS}extension")


def particles(body: Node) -> list[Node]:
    """Sequences, choices, elements and wildcards directly inside."""
    known = (XS + "sequence", XS + "choice", XS + "element", XS + "any")
    return [child for child in body if child.tag in known]


def occurs(node: Node) -> tuple[int, int | None]:
    """Least and most; None for unbounded."""
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), None if most == "unbounded" else int(most)
