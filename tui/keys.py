"""The keys of the keyboard: how a person writes them, and how Textual calls them."""

from __future__ import annotations

from string import punctuation

from textual.binding import Binding
from textual.keys import Keys

#: How keys are written for people, where Textual's word for them is another.
_SHOWN = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "escape": "esc",
}
_MEANT = {"pgdn": "pagedown", "pgup": "pageup", "esc": "escape", "return": "enter", "del": "delete"}
_KNOWN = frozenset(key.value for key in Keys if not key.value.startswith("<"))


def _textual(sign: str) -> str:
    """Textual's name of the key of one sign."""
    # It reads a comma as the end of a key.
    found = Binding.make_bindings([Binding("comma" if sign == "," else sign, "")])
    return [binding.key for binding in found][0]  # noqa: RUF015


_SIGNS = {_textual(sign): sign for sign in punctuation}


def key_name(key: str) -> str:
    """A key as a person reads it: `?`, `↓`, `F5`, `ctrl+p`."""
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _SHOWN.get(key) or _SIGNS.get(key, key)


def parse_key(written: str) -> str:
    """Textual's name of a key: of a sign (`y`, `?`, `Y`), a word (`f5`, `space`) or a
    combination (`ctrl+y`; `shift+y` is `Y`).

    Raises:
        ValueError: no key is called that.
    """
    if len(written) == 1:
        if not written.isprintable() or written.isspace():
            raise ValueError(written)
        return _textual(written)
    key = _MEANT.get(written.lower(), written.lower())
    shifted = key.removeprefix("shift+")
    if shifted != key and len(shifted) == 1 and shifted.isalpha():
        return shifted.upper()
    if key in _KNOWN or key in _SIGNS:
        return key
    raise ValueError(written)
