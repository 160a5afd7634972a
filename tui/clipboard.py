"""What is copied of a comment: the link of its page, else its text, fit to be pasted."""

from __future__ import annotations

from urllib.parse import urlsplit

from moderation.comments import Comment
from moderation.display import pasteable

#: Terminals refuse more, some of them without a word.
MOST_CHARACTERS = 50_000


def copied(comment: Comment) -> tuple[str, str]:
    """What to put on the clipboard, and what to say of it: `the link`, `the text`."""
    url = pasteable(comment.thread.url) if comment.thread and comment.thread.url else ""
    if _is_link(url):
        return url[:MOST_CHARACTERS], "the link"
    text = pasteable(comment.text[:MOST_CHARACTERS])
    if len(comment.text) > MOST_CHARACTERS:
        return text, f"the first {MOST_CHARACTERS:,} characters"
    return text, "the text"


def _is_link(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and " " not in url
    except ValueError:
        return False
