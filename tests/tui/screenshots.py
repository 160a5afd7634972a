"""Pictures of the app on the sample thread, as SVG (and PNG where cairosvg is there).

python tests/tui/screenshots.py FOLDER [NAME…]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from conftest import make_db, sample_thread

from moderation.packs import packs_folder
from tui import ReviewApp
from tui.setup import Setup
from tui.themes import THEMES

#: name -> size, keys pressed before the picture is taken
SCENES = {
    "review-80x24": ((80, 24), ("h",)),
    "review-120x40": ((120, 40), ("a",)),
    "review-200x60": ((200, 60), ("s",)),
    "covered-80x24": ((80, 24), ("h", "ctrl+b")),
    "covered-120x40": ((120, 40), ("h", "ctrl+b")),
    "folded-120x40": ((120, 40), ("h", "t")),
    "help-100x40": ((100, 40), ("question_mark",)),
    "palette-100x40": ((100, 40), ("ctrl+p",)),
    "statistics-80x24": ((80, 24), ("h", "a", "h", "S")),
    "statistics-160x50": ((160, 50), ("h", "a", "h", "S")),
    "rule-80x24": ((80, 24), ("E", "enter")),
    "rule-120x40": ((120, 40), ("E", "enter")),
    "reason-80x24": ((80, 24), ("r",)),
    "group-80x24": ((80, 24), ("H",)),
    "filter-120x40": ((120, 40), ("slash",)),
    "selected-80x24": ((80, 24), ("x", "j", "x")),
    "empty-80x24": ((80, 24), ("a",) * 6),
    "small-20x5": ((20, 5), ()),
    "slim-50x30": ((50, 30), ("j",)),
    "short-60x14": ((60, 14), ()),
}


async def picture(
    folder: Path, name: str, size: tuple[int, int], keys: tuple[str, ...], theme: str = "calm"
) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = make_db(Path(place) / "queue.db", sample_thread())
        app = ReviewApp(path, "anna", Setup(rules=[packs_folder()]))
        app.theme = theme
        async with app.run_test(size=size) as pilot:
            await pilot.pause(0.3)
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.1)
            # The rules' lines on the scores come by themselves, a second or two later.
            await pilot.pause(2)
            svg = app.export_screenshot(title="moderation review")
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    try:
        import cairosvg
    except ImportError:
        return
    # The SVG names a web font, which cairosvg would replace by a proportional one.
    local = svg.replace("Fira Code", "DejaVu Sans Mono").replace("FiraCode", "DejaVu Sans Mono")
    cairosvg.svg2png(bytestring=local.encode(), write_to=str(folder / f"{name}.png"))


async def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (size, keys) in SCENES.items():
        if not names or name in names:
            await picture(folder, name, size, keys)
    for theme in THEMES if not names else ():
        await picture(folder, f"theme-{theme.name}", (120, 40), ("h",), theme.name)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
