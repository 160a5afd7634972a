"""Writers: one module per output format, one interface (`base.Report`)."""

from moderation.reports.base import Report, ShowText, Summary
from moderation.reports.formats import FORMATS, report
from moderation.reports.jsonl import JsonlReport, JsonReport
from moderation.reports.records import as_record, encode
from moderation.reports.text import TextReport, ago, braked_line, in_sum, unsupported_line

__all__ = [
    "FORMATS",
    "JsonReport",
    "JsonlReport",
    "Report",
    "ShowText",
    "Summary",
    "TextReport",
    "ago",
    "as_record",
    "braked_line",
    "encode",
    "in_sum",
    "report",
    "unsupported_line",
]
