"""Languages: the texts of families and rules, phrase by phrase. phrases.toml, optional.

The texts of the other files are the phrases, in the first of `languages`; every phrase that is
shown has one in each further language, or the world is not complete.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ndc_oms.world.entries import entries
from ndc_oms.world.problems import Problems

FILE: Final = "phrases.toml"


@dataclass(frozen=True, slots=True)
class Phrases:
    """languages: ISO 639-1 in capitals, the airline's own first. texts: by language and phrase."""

    languages: tuple[str, ...] = ("EN",)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def say(self, phrase: str, language: str | None) -> str:
        """In the language; as it stands where the language is the airline's own."""
        known = self.texts.get(language or "")
        return known[phrase] if known is not None else phrase

    def say_if_known(self, phrase: str, language: str | None) -> str:
        """As `say`; as it stands where nobody wrote it down in the language: a product may have
        been put on sale since the world was read.
        """
        return self.texts.get(language or "", {}).get(phrase, phrase)

    def first_of(self, wanted: Iterable[str], otherwise: str | None) -> str | None:
        """The first language wanted that there is; None for the airline's own."""
        found = next((each for each in wanted if each in self.languages), None)
        if found is None:
            return otherwise
        return None if found == self.languages[0] else found


def load_phrases(folder: Path, shown: Iterable[str], problems: Problems) -> Phrases:
    """shown: every phrase that some reply shows."""
    entry = entries(folder, FILE, problems, optional=True)
    if not entry.values:
        return Phrases()
    entry.only("languages", "phrase")
    languages = entry.texts("languages") or ("EN",)
    if len(languages) > 15 or not all(each.isalpha() and len(each) == 2 for each in languages):
        entry.fail("languages", "codes of two letters, 15 at most")
    texts: dict[str, dict[str, str]] = {language: {} for language in languages[1:]}
    for each in entry.children("phrase"):
        each.only("text", *languages[1:])
        phrase = each.text("text")
        for language in languages[1:]:
            texts[language][phrase] = each.text(language)
    for phrase in sorted(set(shown)):
        if any(phrase not in known for known in texts.values()):
            problems.add(FILE, 0, "phrase", f"there is none for {phrase!r}")
    return Phrases(tuple(languages), texts)
