"""Writers: one module per output format, one interface (`base.Report`)."""

from moderation.reports.base import Report, ShowText, Summary
from moderation.reports.jsonl import JsonlReport, JsonReport
from moderation.reports.records import as_record
from moderation.reports.text import TextReport

__all__ = [
    "JsonReport",
    "JsonlReport",
    "Report",
    "ShowText",
    "Summary",
    "TextReport",
    "as_record",
]
