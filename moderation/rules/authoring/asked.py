"""What of a comment each condition asks for, in the names that input formats use."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from moderation.rules.authoring.written import Leaf

#: By condition: sets of fields, any of which is enough. The others need the text alone,
#: which every comment has, or a model's score.
_ASKED: Mapping[str, tuple[frozenset[str], ...]] = {
    "title": (frozenset({"title"}),),
    "author": (frozenset({"author"}),),
    "depth": (frozenset({"depth"}),),
    "is_reply": (frozenset({"parent"}), frozenset({"depth"})),
    "reports": (frozenset({"reports"}),),
    "is_edited": (frozenset({"edited"}),),
    "age": (frozenset({"created"}),),
    "author.age": (frozenset({"author", "author_created"}),),
    # The author's earlier comments and what became of them are in the store.
    "author.comments": (frozenset({"author"}),),
    "author.is_new": (frozenset({"author"}),),
    "author.approved": (frozenset({"author"}),),
    "author.hidden": (frozenset({"author"}),),
    "similar": (frozenset({"author", "created"}),),
}
_RATES = {
    "author": frozenset({"author", "created"}),
    "thread": frozenset({"thread", "created"}),
    "text": frozenset({"created"}),
}

_WORDS = {"created": "time", "edited": "edits", "author_created": "author's sign-up"}


def lacking(leaf: Leaf, filled: Collection[str]) -> list[str]:
    """In words, what the condition needs and an input that fills these fields does not
    say; empty where it can be decided."""
    ways = _ASKED.get(leaf.key, (frozenset(),))
    if leaf.key == "rate":
        plain = leaf.node.plain()
        by = plain.get("by") if isinstance(plain, dict) else None
        ways = (_RATES.get(str(by), frozenset()),)
    missing = min((sorted(way.difference(filled)) for way in ways), key=len)
    return [_WORDS.get(field, field) for field in missing]
