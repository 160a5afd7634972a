"""What a filter's line goes on with: the names of its fields, and values where they are few."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from textual.suggester import Suggester

from moderation.comments import LABELS, Severity, Verdict
from moderation.rules.language.fields import SCRIPTS

_FIELDS = ("rule:", "author:", "label:", "severity:", "thread:", "source:", "script:", "verdict:",
           "by:")  # fmt: skip
_LAST = re.compile(r'(?:^|\s)([^\s"]+)$')


class Completion(Suggester):
    """Completes the last word of the line. The rules are those that the store knows, as soon
    as they are known."""

    def __init__(self, rules: Callable[[], Sequence[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._rules = rules

    async def get_suggestion(self, value: str) -> str | None:
        last = _LAST.search(value)
        if last is None or value.count('"') % 2:
            return None  # no word yet, or within quotes
        word = last[1]
        found = next((each for each in self._known(word) if each.startswith(word)), None)
        return None if found in (None, word) else value[: last.start(1)] + str(found)

    def _known(self, word: str) -> Iterable[str]:
        field, colon, _ = word.partition(":")
        if not colon:
            return _FIELDS
        values: dict[str, Callable[[], Sequence[str]]] = {
            "rule": self._rules,
            "label": lambda: [f"{label}>=" for label in LABELS],
            "severity": lambda: [each.value for each in reversed(Severity)],
            "verdict": lambda: [each.value for each in Verdict],
            "script": lambda: sorted(SCRIPTS),
        }
        return (f"{field}:{value}" for value in (values[field]() if field in values else ()))
