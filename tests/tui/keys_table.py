"""Writes the table of keys in docs/review.md anew: python tests/tui/keys_table.py"""

from __future__ import annotations

import re
from pathlib import Path

from tui.actions import Actions

PAGE = Path(__file__).parents[2] / "docs" / "review.md"
PLACE = re.compile(r"(?<=<!-- keys -->\n)(.*)(?=<!-- /keys -->)", re.S)


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(PLACE.sub(lambda _: Actions().table() + "\n", text), encoding="utf-8")


if __name__ == "__main__":
    main()
