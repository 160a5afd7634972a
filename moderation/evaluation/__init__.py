"""How good a model is on labelled comments: figures with intervals, thresholds, groups.

`labelled` reads the comments, `metrics`, `thresholds` and `bias` hold the arithmetic,
`result` puts it together, and `tables`, `records` and `page` write it down.
"""

from moderation.evaluation.labelled import Labelled, read
from moderation.evaluation.page import as_html
from moderation.evaluation.records import as_json
from moderation.evaluation.result import Evaluation, column, evaluate, scores_of
from moderation.evaluation.tables import as_text
from moderation.evaluation.thresholds import Cut, for_precision

__all__ = [
    "Cut",
    "Evaluation",
    "Labelled",
    "as_html",
    "as_json",
    "as_text",
    "column",
    "evaluate",
    "for_precision",
    "read",
    "scores_of",
]
