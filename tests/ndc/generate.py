"""Random valid documents of a schema, from a seed.

Parts that no document had so far are preferred, so that some hundred documents of one generator
show nearly every element that the schema declares. Documents stay small: beyond a depth or a
budget only what is mandatory is written.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from tests.ndc import grammar as g
from tests.ndc.patterns import matching

BUDGET = 400  # elements of a document, mandatory ones apart
ENOUGH = 3  # times that a part is preferred
FOREIGN = "urn:example:augmentation"
WORDS = ("ADT", "YYZ", "x", "Zoë", "a b", "0", "91000000", "Ünïcödé 日本", "<&>", "-", "q" * 40)
PLAIN = {
    "boolean": ("true", "false", "1", "0"),
    "date": ("2031-02-28", "2032-02-29", "2031-07-01Z", "2031-07-01-05:00"),
    "dateTime": ("2031-07-01T23:59:59", "2031-07-01T00:00:00Z", "2031-07-01T10:11:12.5+09:30"),
    "time": ("00:00:00", "23:59:59Z", "06:30:00.250"),
    "duration": ("PT1H30M", "P1D", "-P1D", "P1Y2M3DT4H5M6.7S", "PT0S"),
    "decimal": ("0", "-1.50", "+20", "120.00", ".5", "99999999999.99", "3."),
    "integer": ("0", "1", "-7", "+12", "123456789012345678901"),
    "anyURI": ("https://example.org/a?b=c#d", "mailto:a@example.org", "relative/path", ""),
    "base64Binary": ("", "AAEC", "TWFu TWE="),
    "token": WORDS,
    "string": (*WORDS, "", " kept  space ", "two\nlines"),
}


@dataclass
class Generator:
    """Documents of the messages of one grammar."""

    grammar: g.Grammar
    seed: int
    seen: Counter[g.Node] = field(default_factory=Counter)
    source: random.Random = field(init=False)
    left: int = 0

    def __post_init__(self) -> None:
        self.source = random.Random(self.seed)

    def documents(self, message: str, count: int) -> Iterator[g.Node]:
        for _ in range(count):
            yield self.document(message)

    def document(self, message: str) -> g.Node:
        declared = self.grammar.message(message)
        self.left = BUDGET
        root = etree.Element(f"{{{g.MESSAGES}}}{message}")
        self._fill(root, declared, 0)
        return root

    def unseen(self, message: str) -> set[str]:
        """Declarations within reach of the message that no document of this generator had."""
        missed: set[str] = set()
        done: set[g.Node] = set()
        todo = [self.grammar.message(message)]
        while todo:
            body = self.grammar.body(todo.pop())
            if isinstance(body, str) or g.is_anything(body) or body in done:
                continue
            done.add(body)
            for element in body.iter(g.XS + "element"):
                if self._writable(element):
                    todo.append(element)
                    if not self.seen[element]:
                        missed.add(f"{body.get('name')}/{element.get('name')}")
        return missed

    def _fill(self, target: g.Node, declared: g.Node, depth: int) -> None:
        """Gives the target the content that its declaration asks for."""
        self.seen[declared] += 1
        body = self.grammar.body(declared)
        if g.is_anything(body):
            self._anything(target)
        elif isinstance(body, str) or g.is_simple(body):
            name = g.qualified(declared, declared.attrib["type"])
            target.text = self.text(self.grammar.values(name))
        elif (extended := g.extension(body)) is not None:
            base = g.qualified(extended, extended.attrib["base"])
            target.text = self.text(self.grammar.values(base))
            self._attributes(target, extended)
        else:
            for particle in g.particles(body):
                self._particle(target, particle, depth + 1)

    def _particle(self, parent: g.Node, particle: g.Node, depth: int) -> None:
        for _ in range(self._times(particle, depth)):
            match g.local(str(particle.tag)):
                case "sequence":
                    for inner in g.particles(particle):
                        self._particle(parent, inner, depth)
                case "choice":
                    self._particle(parent, self._branch(g.particles(particle)), depth)
                case "element":
                    self.left -= 1
                    space = particle.getroottree().getroot().attrib["targetNamespace"]
                    child = etree.SubElement(parent, f"{{{space}}}{particle.get('name')}")
                    self._fill(child, particle, depth)
                case "any":
                    etree.SubElement(parent, f"{{{FOREIGN}}}Note").text = "free"

    def _times(self, particle: g.Node, depth: int) -> int:
        least, most = g.occurs(particle)
        if particle.tag == g.XS + "element" and not self._writable(particle):
            if least:
                raise NotImplementedError(f"{particle.get('name')} is mandatory, and foreign")
            return 0
        if self.left <= 0:
            return least
        fresh = particle.tag == g.XS + "element" and self.seen[particle] < ENOUGH
        wanted = 1 if fresh or self.source.random() < 2.5 / (depth + 2) else 0
        if self.source.random() < 0.1:
            wanted += self.source.randint(1, 2)
        return max(least, wanted if most is None else min(wanted, most))

    def _branch(self, branches: list[g.Node]) -> g.Node:
        """Any, but at every other time one of those that were seen least."""
        if self.source.random() < 0.5:
            least = min(map(self._times_seen, branches))
            branches = [branch for branch in branches if self._times_seen(branch) == least]
        return self.source.choice(branches)

    def _times_seen(self, branch: g.Node) -> int:
        inside = [branch] if branch.tag == g.XS + "element" else branch.iter(g.XS + "element")
        return min(self.seen[element] for element in inside)

    def _writable(self, element: g.Node) -> bool:
        """False for elements whose type is of a namespace that the grammar does not read."""
        body = self.grammar.body(element)
        return not isinstance(body, str) or body.startswith(g.XS)

    def _attributes(self, target: g.Node, extended: g.Node) -> None:
        for attribute in extended.iter(g.XS + "attribute"):
            if attribute.get("use") == "required" or self.source.random() < 0.5:
                values = self.grammar.values(g.qualified(attribute, attribute.attrib["type"]))
                target.set(attribute.attrib["name"], self.text(values))

    def _anything(self, target: g.Node) -> None:
        target.text = self.source.choice((None, "free", "  "))
        if self.source.random() < 0.5:
            etree.SubElement(target, f"{{{FOREIGN}}}Note", kind="free").text = "free"

    def text(self, values: g.Values) -> str:
        """A text of the simple type."""
        if choices := values.all("enumeration"):
            return self.source.choice(choices)
        if patterns := values.all("pattern"):
            return matching(patterns[0], self.source)
        least = max(map(int, values.all("minLength") + values.all("length")), default=0)
        most = min(map(int, values.all("maxLength") + values.all("length")), default=0)
        if least or most:
            return "".join(self.source.choice("AbZé9") for _ in range(self._size(least, most)))
        floor = values.all("minInclusive")
        pool = PLAIN[values.base]
        if floor:
            pool = tuple(text for text in pool if float(text) >= float(floor[0]))
        return self.source.choice(pool)

    def _size(self, least: int, most: int) -> int:
        return self.source.choice((least, most or least + 3, self.source.randint(least, most)))
