"""All text tests on one field: which of them are worth running on a text, in which reading."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from moderation.rules.matching.evasion import Evasion
from moderation.rules.matching.facts import Facts
from moderation.rules.matching.needs import NeedsIndex
from moderation.rules.matching.patterns import Pattern
from moderation.rules.matching.vocabulary import vocabulary
from moderation.text import View


class Group:
    """The tests of one field, numbered as in the rule set; immutable once built.

    Tests that tell cases apart read a text as written: most disguises have no case.
    `unquoted` are those tests on `text` that pass over quotations: most comments have
    none, and then one pass serves both.
    """

    __slots__ = ("_needs", "_quoting", "_readers", "field", "keep_case", "numbers", "unquoted")

    def __init__(
        self,
        field: str,
        keep_case: bool,
        patterns: Sequence[tuple[int, Pattern]],
        unquoted: frozenset[int] = frozenset(),
    ) -> None:
        self.field = field
        self.keep_case = keep_case
        self.numbers = frozenset(number for number, _ in patterns)
        self.unquoted = unquoted
        self._quoting = self.numbers - unquoted
        self._needs = NeedsIndex((number, pattern.needs) for number, pattern in patterns)
        #: How to read, and the tests that such readings are for.
        self._readers: list[tuple[Evasion, frozenset[int]]] = []
        if keep_case:
            return
        for levels, strict in ((("normal", "strict"), False), (("strict",), True)):
            asking = [
                (number, pattern) for number, pattern in patterns if pattern.evasion in levels
            ]
            if asking:
                words = partial(vocabulary, [pattern for _, pattern in asking])
                self._readers.append(
                    (Evasion(words, strict=strict), frozenset(number for number, _ in asking))
                )

    def candidates(self, view: View, facts: Facts) -> set[int]:
        """Numbers of the tests that may hold. `facts` is told which do for sure, and in
        which readings other than the plain one the others may."""
        if not self.unquoted or not facts.quotes:
            return self._candidates(view, facts, None)
        without = facts.view("unquoted", self.keep_case)
        assert without is not None
        worth = self._candidates(without, facts, self.unquoted)
        return worth | self._candidates(view, facts, self._quoting) if self._quoting else worth

    def _candidates(self, view: View, facts: Facts, among: frozenset[int] | None) -> set[int]:
        """Those of all tests, or of the tests `among`."""
        sure, worth = self._needs.search(view.text)
        worth |= sure
        for evasion, asking in self._readers:
            for reading in evasion.readings(view):
                certain, possible = self._needs.search(reading.text)
                certain &= asking
                sure |= certain
                # The few that were found come first: the others are as many as the rules.
                for number in (certain | possible) & asking:
                    if among is None or number in among:
                        facts.disguised.setdefault(number, []).append(reading)
                        worth.add(number)
        if among is not None:
            sure &= among
            worth &= among
        facts.sure |= sure
        return worth
