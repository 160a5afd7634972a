"""An evaluation as plain data for JSON."""

from __future__ import annotations

import math
from dataclasses import is_dataclass
from typing import Any

from moderation.evaluation.result import Evaluation

SCHEMA = "moderation-evaluation/1"


def as_json(result: Evaluation) -> dict[str, Any]:
    """Everything, curves included; what is not known is null."""
    return {
        "schema": SCHEMA,
        "data": result.data,
        "comments": result.comments,
        "models": [
            {**_plain(model), "mean_auc": _plain(model.mean_auc)} for model in result.models
        ],
        "differences": {label: _plain(found) for label, found in result.differences.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    if hasattr(value, "_asdict"):
        return {name: _plain(inner) for name, inner in value._asdict().items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
