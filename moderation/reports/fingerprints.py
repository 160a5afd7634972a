"""What makes a finding the same one in another run: a hash, of which no text can be read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from moderation.comments import Assessment, Comment, Flag


def fingerprint(assessment: Assessment, flag: Flag) -> str:
    """32 hexadecimal digits for this rule on this comment as it is worded now.

    Where the platform gave the comment its id, that id counts; an id that was only counted
    in a file moves with every line above it, so there author and file count instead.
    """
    return _digest(_comment(assessment.comment), flag.rule)


class Fingerprints:
    """Fingerprints that stay unique where one author writes the same again.

    Keeps one digest for each finding whose comment has no id of its own; no text.
    """

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def of(self, assessment: Assessment, flag: Flag) -> str:
        found = fingerprint(assessment, flag)
        if not assessment.comment.origin:
            return found
        short = bytes.fromhex(found)
        self._seen[short] += 1
        count = self._seen[short]
        return found if count == 1 else _digest(found, str(count))


def _comment(comment: Comment) -> str:
    if comment.origin:
        author = comment.author.name if comment.author else ""
        return _digest("counted", comment.origin, author, comment.text)
    return _digest("id", comment.id, comment.text)


def _digest(*parts: str) -> str:
    # JSON keeps the parts apart whatever they hold, and lone surrogates encodable.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
