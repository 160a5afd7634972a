"""The names that rule files use for what they can ask about a comment."""

from __future__ import annotations

import re

from moderation.comments import LABELS

OPERATORS = ("words", "contains", "starts_with", "ends_with", "equals", "regex")
TEXT_FIELDS = ("text", "title", "author", "link")
MEASURES = (
    "length",
    "words",
    "links",
    "mentions",
    "emoji",
    "caps_ratio",
    "repeats",
    "depth",
    "reports",
)
AGES = ("age", "author.age")
COUNTS = ("author.comments", "author.approved", "author.hidden")
YES_NO = ("is_reply", "is_edited", "author.is_new", "model.unsupported")

#: What a reason quotes, in braces; the names that it may have.
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLACEHOLDERS = (
    *("match", "author", "title", *MEASURES, *COUNTS),
    *(f"score.{label}" for label in LABELS),
)

#: Names of scripts as RE2 knows them, in lower case.
SCRIPTS = (
    *("arabic", "armenian", "bengali", "cyrillic", "devanagari", "ethiopic", "georgian"),
    *("greek", "gujarati", "gurmukhi", "han", "hangul", "hebrew", "hiragana", "kannada"),
    *("katakana", "khmer", "lao", "latin", "malayalam", "mongolian", "myanmar", "oriya"),
    *("sinhala", "tamil", "telugu", "thai", "tibetan"),
)
