"""What the readers of text lines share."""

from __future__ import annotations


def not_utf8(error: UnicodeDecodeError) -> str:
    """The cause for a line with bytes that are no UTF-8; bytes count from 1."""
    return f"not valid UTF-8 at byte {error.start + 1}"
