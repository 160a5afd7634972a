"""An editor for YAML, on Textual's own.

The colours come from a reader of single lines. A full parser (tree-sitter) does not serve
here: a hostile file of a few kilobytes crashes it, and the app with it.
"""

from __future__ import annotations

import re
from typing import ClassVar

from rich.text import Text
from textual.widgets import TextArea

from moderation.display import aligned

#: Characters of a line that are coloured.
_COLOURED = 2_000

# What comes first wins; a `#` begins a comment only after a blank.
_TOKEN = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#.*)
    |(?P<key>(?:^|(?<=[\s{,]))(?:"[^"]*"|'[^']*'|[A-Za-z_][\w.-]*)(?=\s*:(?:\s|$)))
    |(?P<text>"(?:[^"\\]|\\.)*"?|(?<![\w'])'(?:[^']|'')*'?)
    |(?P<sign>@\w+|(?:^|(?<=\s))[-|>](?=\s|$)|[{}\[\],]|:(?=\s|$))
    |(?P<word>(?<![\w.-])(?:true|false|null|-?\d+(?:\.\d+)?)(?![\w.-]))
    |[^\s"'#@{}\[\],:]+""",
    re.VERBOSE,
)


class YamlArea(TextArea):
    """A rule file's text. What could act or hide is shown as a sign, in its own place."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"yaml-area--{kind}" for kind in ("comment", "key", "text", "sign", "word")
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="focus",
            theme="css",
            highlight_cursor_line=True,
        )
        self.indent_width = 2

    def get_line(self, line_index: int) -> Text:
        written = self.document.get_line(line_index)
        line = Text(aligned(written), end="", no_wrap=True)
        for token in _TOKEN.finditer(written, 0, min(len(written), _COLOURED)):
            if token.lastgroup:
                style = self.get_component_rich_style(f"yaml-area--{token.lastgroup}", partial=True)
                line.stylize(style, *token.span())
        return line
