"""How strongly something is wished for: PrefLevel and PrefCode. Source: PrefLevelCode of 21.3."""

from ndc_oms.errors import Invalid
from ndc_oms.ndc.parts import Node, find, find_text, path_of
from ndc_oms.offers.wishes import Level


def level_of(node: Node, default: Level = Level.PREFERRED, name: str = "PrefLevel") -> Level:
    """Of a wish. name: PrefLevel, which holds the code, or PrefCode, which is the code itself.
    Raises Invalid (912) for a level that there is not.
    """
    holder = find(node, name) if name == "PrefLevel" else node
    code = find_text(holder, "PrefLevelCode" if name == "PrefLevel" else name)
    if code is None:
        return default
    try:
        return Level(code)
    except ValueError:
        raise Invalid(
            f"{code[:20]} is no level of preference.",
            path=f"{path_of(node)}/{name}",
            remedy=f"Send one of: {', '.join(Level)}.",
        ) from None
