"""What each reader declares that it can fill is what it fills."""

import json

import pytest

from moderation.sources import FILLS, FORMATS
from moderation.sources.columns import FIELDS

RECORDS = [
    {
        "text": "One",
        "id": "a",
        "author": "Ann",
        "author_id": "u1",
        "created_at": "2026-01-02T03:04:05Z",
        "parent": "",
        "thread": "t1",
        "title": "News",
        "url": "https://news.example/1",
        "depth": "0",
        "reports": "2",
        "edited": "true",
        "author_created": "2020-01-01T00:00:00Z",
        "author_comments": "7",
    },
]
RECORDS.append(RECORDS[0] | {"text": "Two", "id": "b", "parent": "a", "depth": "1"})
PAGE = """\
Site
Title
the article
  1. Ann
    Ann 28 September 2015 06: 02
    One
    1. Bob
      Bob 28 September 2015 06: 31
      Two
"""


def table(sign: str) -> str:
    rows = [list(RECORDS[0]), *(list(record.values()) for record in RECORDS)]
    return "".join(sign.join(row) + "\n" for row in rows)


SAMPLES = {
    "page": PAGE,
    "jsonl": "".join(json.dumps(record) + "\n" for record in RECORDS),
    "json": json.dumps(RECORDS),
    "csv": table(","),
    "tsv": table("\t"),
    "lines": "One\nTwo\n",
}


def said(comment) -> dict[str, object]:
    """What a comment says, by the names of the columns; an id is always there."""
    author, thread = comment.author, comment.thread
    return {
        "text": comment.text,
        "author": author and author.name,
        "author_id": author and author.id,
        "created": comment.created,
        "parent": comment.parent,
        "thread": thread and thread.id,
        "title": thread and thread.title,
        "url": thread and thread.url,
        "depth": comment.depth,
        "reports": comment.reports,
        "edited": comment.edited,
        "author_created": author and author.created,
        "author_comments": author and author.comments,
    }


def test_every_format_declares_it():
    assert list(FILLS) == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_fills_what_it_declares(from_bytes, name):
    comments, rejects = from_bytes(SAMPLES[name], format=name)
    assert (len(comments), rejects) == (2, [])
    filled = {
        field for each in comments for field, value in said(each).items() if value is not None
    }
    assert filled == FILLS[name] - {"id"}
    assert set(FIELDS) >= FILLS[name]
