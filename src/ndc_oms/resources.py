"""Finds the project's own data: schemas/ and fixtures/, installed or in the tree."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _find(name: str) -> Path:
    installed = _PACKAGE / f"_{name}"
    if installed.is_dir():
        return installed
    in_tree = _PACKAGE.parent.parent / name
    if in_tree.is_dir():
        return in_tree
    raise FileNotFoundError(f"neither {installed} nor {in_tree} is a folder")


def schemas() -> Path:
    """The folder of the wire profile: `ndc/21.3/*.xsd`."""
    return _find("schemas")


def fixtures() -> Path:
    """The folder of the demo airline and the scenarios."""
    return _find("fixtures")
