"""What stands around a comment in its thread, as lines: above it, and below."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from moderation.queue import Item
from tui.desk import Scene
from tui.render import QUIET, summary
from tui.veil import Veil

#: Lines spent on the surroundings: enough to understand, never more than the comment.
_ANCESTORS = 3
_REPLIES = 12
_LINE = 300


def above(scene: Scene, veil: Veil) -> Content:
    """The ancestors from the root down, then the siblings that came before."""
    chain = scene.context.ancestors
    lines: list[Content] = []
    if len(chain) > _ANCESTORS:
        # The root and the nearest ones; the way between is counted.
        lines.append(summary(chain[0], _LINE, veil))
        lines.append(Content.styled(f"  … {len(chain) - _ANCESTORS} between", QUIET))
        chain = chain[1 - _ANCESTORS :]
    for item in chain:
        depth = len(lines)
        branch = "  " * (depth - 1) + "└ " if depth else ""
        lines.append(Content.assemble((branch, QUIET), summary(item, _LINE, veil)))
    indent = "  " * max(0, len(lines) - 1)
    before = scene.siblings.before
    if more := scene.siblings.earlier - len(before):
        lines.append(Content.styled(f"{indent}├ … {more} more beside it", QUIET))
    lines.extend(_branches(before, f"{indent}├ ", veil))
    return Content("\n").join(lines)


def below(scene: Scene, veil: Veil) -> Content:
    """The replies, then the siblings that came after."""
    replies = scene.context.replies
    shown = replies[:_REPLIES]
    lines = _branches(shown, "└ ", veil)
    if len(replies) > len(shown):
        lines.append(Content.styled(f"  … {len(replies) - len(shown)} more", QUIET))
    after = scene.siblings.after
    lines.extend(_branches(after, "├ beside it: ", veil))
    if more := scene.siblings.later - len(after):
        lines.append(Content.styled(f"├ … {more} more beside it", QUIET))
    return Content("\n").join(lines)


def folded(scene: Scene, key: str) -> Content:
    """All of it as one line of counts, and the key that shows it again."""
    counts = [
        (len(scene.context.ancestors), "above", "above"),
        (scene.siblings.earlier + scene.siblings.later, "beside", "beside"),
        (len(scene.context.replies), "reply", "replies"),
    ]
    words = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    if not words:
        return Content.empty()
    return Content.assemble(
        (f"▸ {' · '.join(words)}   ", QUIET), (key, "bold $accent"), (" shows them", QUIET)
    )


def _branches(items: Sequence[Item], branch: str, veil: Veil) -> list[Content]:
    return [Content.assemble((branch, QUIET), summary(item, _LINE, veil)) for item in items]
