"""`jsonl` and `json`: every comment as one object, in ASCII."""

from __future__ import annotations

from moderation.comments import Assessment
from moderation.reports.base import ShowText, Summary, Write
from moderation.reports.records import SCHEMA, as_record, as_sum, encode


class JsonlReport:
    """One object a line, written as it comes."""

    def __init__(self, write: Write, *, show_text: ShowText = "full") -> None:
        self._write = write
        self._show_text = show_text

    def begin(self) -> None:
        pass

    def add(self, assessment: Assessment) -> None:
        self._write(encode(as_record(assessment, self._show_text)) + "\n")

    def end(self, summary: Summary) -> None:
        pass


class JsonReport:
    """`{"schema": …, "comments": [the same objects], "summary": {…}}`, streamed."""

    def __init__(self, write: Write, *, show_text: ShowText = "full") -> None:
        self._write = write
        self._show_text = show_text
        self._separator = "\n"

    def begin(self) -> None:
        self._write(f'{{"schema": "{SCHEMA}", "comments": [')

    def add(self, assessment: Assessment) -> None:
        self._write(self._separator + encode(as_record(assessment, self._show_text)))
        self._separator = ",\n"

    def end(self, summary: Summary) -> None:
        self._write(f'\n], "summary": {encode(as_sum(summary))}}}\n')
