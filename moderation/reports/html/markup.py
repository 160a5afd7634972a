"""HTML that is safe by construction: only what `tag` made is markup, all else is text."""

from __future__ import annotations

from html import escape
from typing import Final

from moderation.display import visible


class Html(str):
    """Markup made here. Any other text is escaped where it is put into one."""

    __slots__ = ()


#: Elements without an end.
_VOID: Final = frozenset(("meta", "input"))


def safe(text: str) -> Html:
    """Untrusted text: made visible, on one line, then escaped. Markup stays as it is."""
    if isinstance(text, Html):
        return text
    # On stdout this may be a log: no line begins with a comment's `::`, and no `##[` is left.
    return Html(escape(visible(text, newlines=False)).replace("##", "#&#35;"))


def tag(name: str, /, *children: str, **attributes: str | float | bool | None) -> Html:
    """An element. `class_` is the attribute `class`, an underscore in a name a hyphen; an
    attribute of None or False is left out, one of True has no value."""
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        # A name with capitals (viewBox) is one of SVG's and stays as it is.
        told = f"{value:g}" if isinstance(value, float) else str(value)
        parts.append(attribute if value is True else f'{attribute}="{safe(told)}"')
    if name in _VOID:
        return Html(f"<{' '.join(parts)}>")
    return Html(f"<{' '.join(parts)}>{join(*children)}</{name}>")


def join(*parts: str) -> Html:
    return Html("".join(safe(part) for part in parts))
