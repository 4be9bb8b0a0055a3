"""Is every document of one schema a document of another? Decided on the schemas themselves.

Exact for what NDC's schemas are made of: sequences and choices of elements with distinct names.
Where it cannot tell (two different patterns), it reports a difference.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.ndc import grammar as g

SIZES = ("minLength", "maxLength", "length", "minInclusive")


@dataclass
class Containment:
    """Compares messages: what `narrow` admits, `wide` has to admit."""

    wide: g.Grammar
    narrow: g.Grammar
    done: set[tuple[object, object]] = field(default_factory=set)

    def differences(self, message: str) -> list[str]:
        """Where a document of narrow would not be one of wide; empty where there is none."""
        wide, narrow = self.wide.message(message), self.narrow.message(message)
        return list(self._elements(wide, narrow, f"/{message}"))

    def _elements(self, wide: g.Node, narrow: g.Node, path: str) -> Iterator[str]:
        broad, small = self.wide.body(wide), self.narrow.body(narrow)
        if g.is_anything(broad) or (broad, small) in self.done:
            return
        self.done.add((broad, small))
        if g.is_simple(small) and g.is_simple(broad):
            yield from self._texts(wide.attrib["type"], wide, narrow, narrow.attrib["type"], path)
        elif isinstance(broad, str) or isinstance(small, str) or g.is_simple(small):
            yield f"{path}: the two are of different kinds"
        elif (extended := g.extension(broad)) is not None:
            yield from self._simple_contents(extended, g.extension(small), path)
        else:
            yield from self._contents(g.particles(broad), g.particles(small), path)

    def _contents(self, wide: list[g.Node], narrow: list[g.Node], path: str) -> Iterator[str]:
        """Particles of a sequence, in order."""
        at = 0
        for particle in wide:
            if at < len(narrow) and _same(particle, narrow[at]):
                yield from self._particles(particle, narrow[at], path)
                at += 1
            elif g.occurs(particle)[0]:
                yield f"{path}/{particle.get('name', g.local(str(particle.tag)))}: is mandatory"
        for particle in narrow[at:]:
            yield f"{path}/{particle.get('name', g.local(str(particle.tag)))}: is not known there"

    def _particles(self, wide: g.Node, narrow: g.Node, path: str) -> Iterator[str]:
        path = f"{path}/{narrow.get('name')}" if narrow.get("name") else path
        (least, most), (low, high) = g.occurs(wide), g.occurs(narrow)
        if low < least or (most is not None and (high is None or high > most)):
            yield f"{path}: {low} to {high} times, where {least} to {most} is right"
        if narrow.tag == g.XS + "element":
            yield from self._elements(wide, narrow, path)
        elif narrow.tag == g.XS + "choice":
            broad = {branch.get("name"): branch for branch in g.particles(wide)}
            for branch in g.particles(narrow):
                if branch.get("name") not in broad:
                    yield f"{path}/{branch.get('name')}: is no branch there"
                else:
                    yield from self._particles(broad[branch.get("name")], branch, path)
        elif narrow.tag == g.XS + "sequence":
            yield from self._contents(g.particles(wide), g.particles(narrow), path)

    def _simple_contents(self, wide: g.Node, narrow: g.Node | None, path: str) -> Iterator[str]:
        if narrow is None:
            yield f"{path}: has elements, where a text is right"
            return
        yield from self._texts(wide.attrib["base"], wide, narrow, narrow.attrib["base"], path)
        broad = {a.get("name"): a for a in wide.iter(g.XS + "attribute")}
        small = {a.get("name"): a for a in narrow.iter(g.XS + "attribute")}
        for name, attribute in small.items():
            if name not in broad:
                yield f"{path}/@{name}: is not known there"
                continue
            other = broad[name]
            yield from self._texts(
                other.attrib["type"], other, attribute, attribute.attrib["type"], f"{path}/@{name}"
            )
        for name, attribute in broad.items():
            mandatory = attribute.get("use") == "required"
            if mandatory and (name not in small or small[name].get("use") != "required"):
                yield f"{path}/@{name}: is mandatory"

    def _texts(
        self, wide_type: str, wide: g.Node, narrow: g.Node, narrow_type: str, path: str
    ) -> Iterator[str]:
        broad = self.wide.values(g.qualified(wide, wide_type))
        small = self.narrow.values(g.qualified(narrow, narrow_type))
        if not _values_within(small, broad):
            yield f"{path}: {small} is more than {broad}"


def _same(one: g.Node, other: g.Node) -> bool:
    """Same kind and, of elements, same name and namespace."""
    return (
        one.tag == other.tag
        and one.get("name") == other.get("name")
        and (one.get("name") is None or _space(one) == _space(other))
    )


def _space(node: g.Node) -> str | None:
    return node.getroottree().getroot().get("targetNamespace")


def _values_within(small: g.Values, broad: g.Values) -> bool:
    if small.base != broad.base:
        return False
    listed = small.all("enumeration")
    if listed:
        return all(_admits(broad, text) for text in listed)
    kinds = {kind for kind, _ in broad.facets}
    return all(set(small.all(kind)) == set(broad.all(kind)) for kind in kinds)


def _admits(values: g.Values, text: str) -> bool:
    listed = values.all("enumeration")
    sized = all(kind not in SIZES for kind, _ in values.facets)
    return (
        (not listed or text in listed)
        and all(re.fullmatch(pattern, text) for pattern in values.all("pattern"))
        and sized
    )
