"""Writers: one module per output format, one interface (`base.Report`)."""

from moderation.reports.base import Report, ShowText, Summary
from moderation.reports.jsonl import JsonlReport, JsonReport
from moderation.reports.records import as_record, encode
from moderation.reports.text import TextReport, in_sum

__all__ = [
    "JsonReport",
    "JsonlReport",
    "Report",
    "ShowText",
    "Summary",
    "TextReport",
    "as_record",
    "encode",
    "in_sum",
]
