"""Rules held against stored decisions: what a rule file would have done to the comments
that people have already judged.

`replay` runs the rules and counts (`tally`), `timing` says what each rule costs,
`tables` and `records` write the result.
"""

from moderation.backtest import workers
from moderation.backtest.records import as_json
from moderation.backtest.replay import Change, Result, replay, select
from moderation.backtest.tables import as_markdown, as_text
from moderation.backtest.tally import RuleTally
from moderation.backtest.versions import Version
from moderation.shares import Share

__all__ = [
    "Change",
    "Result",
    "RuleTally",
    "Share",
    "Version",
    "as_json",
    "as_markdown",
    "as_text",
    "replay",
    "select",
    "workers",
]
