"""Parts of a request that are accepted and not used: each that is there is named in a Warning."""

from collections.abc import Sequence
from typing import Final

from lxml import etree

from ndc_oms.ndc.envelope import COMMON, MESSAGE, Notice
from ndc_oms.ndc.schema import readable_path

MAX_NAMED: Final = 10  # enough to tell; a path costs a walk past all siblings
_TEXT: Final = "This part was accepted and ignored: the server makes no use of it."


class Unused:
    """Finds the parts at literal paths below the root, such as `Request/Promotion`.

    One compiled expression for all of them, and mostly not even that: where no element bears one
    of their names.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        below: dict[str, list[str]] = {}
        for path in paths:
            parent, _, name = path.rpartition("/")
            below.setdefault(parent, []).append(name)
        self._tags = frozenset(
            f"{{{COMMON if parent else MESSAGE}}}{name}"
            for parent, names in below.items()
            for name in names
        )
        self._find = etree.XPath(
            " | ".join(_expression(parent, names) for parent, names in below.items()),
            namespaces={"m": MESSAGE, "c": COMMON},
        )

    def __call__(self, elements: Sequence[etree._Element]) -> tuple[Notice, ...]:
        """elements: all of the document, in its order."""
        if self._tags.isdisjoint([each.tag for each in elements]):
            return ()
        root = elements[0]
        found = self._find(root)
        if not isinstance(found, list):
            raise AssertionError("paths of unused parts must name elements")
        tree = root.getroottree()
        return tuple(
            Notice("", _TEXT, readable_path(root, tree.getpath(part)))
            for part in found[:MAX_NAMED]
            if isinstance(part, etree._Element)
        )


def _expression(parent: str, names: Sequence[str]) -> str:
    """Children of one element: where it is not there, none of them is looked for.

    The root's children stand in the messages' namespace, all below in the common one.
    """
    above = [f"{'c' if at else 'm'}:{name}" for at, name in enumerate(parent.split("/")) if name]
    own = " or ".join(f"self::{'c' if parent else 'm'}:{name}" for name in names)
    return "/".join([*above, f"*[{own}]"])
