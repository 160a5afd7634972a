"""Why a condition is unknown: what the comment, its source or the run does not say."""

from __future__ import annotations

from moderation.comments import Comment
from moderation.rules.language.fields import COUNTS
from moderation.rules.matching.state import Around, Rate, Similar

_NOBODY = "the comment names no author"
_SAID_OF_THE_COMMENT = {
    "title": "nothing says what its page is called",
    "author": _NOBODY,
    "depth": "nothing says what it answers",
    "is_reply": "nothing says what it answers",
    "reports": "nothing says how often it was reported",
    "is_edited": "nothing says whether it was edited",
}


def why_unknown(
    key: str, comment: Comment, around: Around, test: Rate | Similar | None = None
) -> str:
    """In a few words, for a condition that these leave unknown; `test` is that of `rate`
    and `similar`."""
    if test is not None:
        return _no_count(test, comment, around)
    if key.startswith("score."):
        return f"no model gave a score for {key.removeprefix('score.')}"
    if key == "model.unsupported":
        return "no model read it"
    if key == "age":
        return _no_time(comment)
    if key == "author.age":
        author = comment.author
        if author is None:
            return _NOBODY
        made = author.created
        if made is None:
            return "nothing says when the account was made"
        return _no_time(comment) if made.tzinfo else "the account's time names no zone"
    if key in (*COUNTS, "author.is_new"):
        if comment.author is None:
            return _NOBODY
        return "without a database nothing is known of the author's other comments"
    return _SAID_OF_THE_COMMENT.get(key, "nothing says so")


def _no_time(comment: Comment) -> str:
    return "the comment has no time" if comment.created is None else "its time names no zone"


def _no_count(test: Rate | Similar, comment: Comment, around: Around) -> str:
    if around.now is None:
        return "without a database there are no earlier comments to count"
    if comment.created is None:
        return "the comment has no time"
    by = test.by if isinstance(test, Rate) else "text"
    if comment.author is None and (by == "author" or isinstance(test, Similar)):
        return _NOBODY
    return {"thread": "the comment names no thread"}.get(by, "it has no letters to compare")
