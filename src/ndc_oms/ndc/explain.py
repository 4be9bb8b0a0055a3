"""Every violation of a document, explained: for people at a terminal, by xmlschema.

Never on the request path: xmlschema takes seconds to minutes on hostile input (2,000 unknown
attributes on one element cost it 15 s), where libxml2 takes milliseconds. The guard of the door
stands before it here too, which bounds that cost to what a person can wait for.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, cast

import xmlschema
from lxml import etree

from ndc_oms import resources
from ndc_oms.errors import Invalid
from ndc_oms.model.cards import without_cards
from ndc_oms.ndc.door import guard
from ndc_oms.ndc.redact import is_secret
from ndc_oms.ndc.schema import DRIVER, Violation


def explain(document: Path | bytes, schemas: Path | None = None) -> list[Violation]:
    """All violations, in document order; [] for a valid document.

    schemas: a driver file or folder as for `Schema`; the wire profile by default. Raises
    door.Unreadable for what is no XML, Invalid for a root that the schemas do not know.
    """
    body = document.read_bytes() if isinstance(document, Path) else document
    root = guard(body)
    name = etree.QName(root).localname
    schema = _compiled(_file(schemas or resources.schemas() / "ndc" / "21.3", name))
    if root.tag not in schema.maps.elements:
        raise Invalid(
            f"{name} in its namespace is not a message of these schemas.", path=f"/{name}"
        )
    # xmlschema takes lxml's elements too, and only those know their lines; its types do not say so
    errors = schema.iter_errors(cast(Any, root))
    found = [_violation(error, f"/{name}") for error in errors]
    return sorted(found, key=lambda v: v.line)


def _file(source: Path, message: str) -> Path:
    """Of IATA's folder the message's own file: xmlschema takes 1 s for one, much more for all."""
    if source.is_dir() and not (source / DRIVER).is_file():
        own = source / f"{message}.xsd"
        if not own.is_file():
            raise Invalid(f"{message} is not a message of these schemas.", path=f"/{message}")
        return own
    return source / DRIVER if source.is_dir() else source


@cache
def _compiled(path: Path) -> xmlschema.XMLSchema10:
    # lax: IATA's common types hold a pattern that only some engines take for a regular expression
    return xmlschema.XMLSchema10(path, validation="lax")


def _violation(error: xmlschema.XMLSchemaValidationError, root: str) -> Violation:
    path = re.sub(r"(?<=/)[\w.-]+:", "", error.path or root)
    name = re.sub(r"\[\d+\]$", "", path.rpartition("/")[2])
    reason = re.sub(r"\{https?:[^}]*\}", "", error.reason or "not valid").rstrip(".")
    shown = "its value is not valid" if is_secret(name) else without_cards(reason)
    return Violation(path, error.sourceline or 0, f"{name}: {shown}.")
