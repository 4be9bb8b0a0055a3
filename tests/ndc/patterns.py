"""Texts for the regular expressions that schemas use: classes, groups, alternatives, repeats."""

import random
from dataclasses import dataclass

SPREAD = 4  # how many more than the least an open repeat may yield


@dataclass
class _Reader:
    """A cursor over one pattern; each method yields one text for what it reads."""

    pattern: str
    source: random.Random
    at: int = 0

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        letter = self.peek()
        self.at += 1
        return letter

    def alternatives(self) -> str:
        """One of the branches between bars. All are read, so that the cursor moves on."""
        branches = [self.sequence()]
        while self.peek() == "|":
            self.take()
            branches.append(self.sequence())
        return self.source.choice(branches)

    def sequence(self) -> str:
        text = ""
        while self.peek() not in ("", "|", ")"):
            text += self.repeated()
        return text

    def repeated(self) -> str:
        """An atom with its repeat. The atom is read again for each repetition."""
        start = self.at
        self.atom()
        end = self.at
        low, high = self.repeat()
        after = self.at
        text = ""
        for _ in range(self.source.randint(low, high)):
            self.at = start
            text += self.atom()
        self.at = after if after > end else end
        return text

    def atom(self) -> str:
        letter = self.take()
        if letter == "(":
            text = self.alternatives()
            self.expect(")")
            return text
        if letter == "[":
            return self.source.choice(self.letters())
        if letter in "\\.^$":
            raise NotImplementedError(f"{letter} in the pattern {self.pattern}")
        return letter

    def letters(self) -> str:
        """The letters of a class whose opening bracket was read."""
        found = ""
        while self.peek() != "]":
            first = self.take()
            if first in ("^", "\\"):
                raise NotImplementedError(f"{first} in the pattern {self.pattern}")
            last = first
            if self.peek() == "-":
                self.take()
                last = self.take()
            found += "".join(map(chr, range(ord(first), ord(last) + 1)))
        self.take()
        return found

    def repeat(self) -> tuple[int, int]:
        match self.peek():
            case "?":
                self.take()
                return 0, 1
            case "*":
                self.take()
                return 0, SPREAD
            case "+":
                self.take()
                return 1, 1 + SPREAD
            case "{":
                inside, _, rest = self.pattern[self.at + 1 :].partition("}")
                self.at = len(self.pattern) - len(rest)
                low, comma, high = inside.partition(",")
                return int(low), int(high) if high else int(low) + (SPREAD if comma else 0)
        return 1, 1

    def expect(self, letter: str) -> None:
        if self.take() != letter:
            raise ValueError(f"{letter} expected in the pattern {self.pattern}")


def matching(pattern: str, source: random.Random) -> str:
    """A text that the pattern matches whole."""
    reader = _Reader(pattern, source)
    text = reader.alternatives()
    if reader.at != len(pattern):
        raise ValueError(f"the pattern {pattern} goes on after {reader.at} letters")
    return text
