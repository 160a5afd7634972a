"""Threads, authors, sources and rules as the short numbers that other tables point with."""

# ruff: noqa: S608 - what is put into SQL here are names and marks of our own

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from moderation.comments import Author, Comment, Thread
from moderation.store.rows import pack, pack_maybe

#: Names of each kind remembered between batches.
_REMEMBERED = 100_000


def identity(author: Author) -> str:
    """What makes two names the same person: the platform's id, else the name itself."""
    return f"id:{author.id}" if author.id else f"name:{author.name}"


class Numbers:
    """A number for each name, made within the caller's write transaction."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self.threads: dict[Thread, int] = {}
        self.authors: dict[Author, int] = {}
        self.sources = _Names(conn, "sources", "name")
        self.rules = _Names(conn, "rules", "rule")

    def forget(self) -> None:
        """Rows that were remembered may be gone or mean another."""
        self.threads.clear()
        self.authors.clear()
        self.sources.forget()
        self.rules.forget()

    def remember(self, comments: Iterable[Comment]) -> None:
        """Have a row for each thread and author of a batch of comments."""
        if len(self.authors) > _REMEMBERED or len(self.threads) > _REMEMBERED:
            self.forget()
        batch = list(comments)
        # In the order in which they come: the same input makes the same rows.
        threads = dict.fromkeys(
            each.thread for each in batch if each.thread and each.thread not in self.threads
        )
        authors = dict.fromkeys(
            each.author for each in batch if each.author and each.author not in self.authors
        )
        if threads:
            self._remember_threads(threads)
        if authors:
            self._remember_authors(authors)

    def _remember_threads(self, threads: Iterable[Thread]) -> None:
        values = {
            thread: (
                pack(thread.id),
                pack_maybe(thread.title),
                pack_maybe(thread.url),
                pack_maybe(thread.site),
            )
            for thread in threads
        }
        # What one source leaves out does not wipe what another said.
        self._conn.executemany(
            "INSERT INTO threads (id, title, url, site) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET title = coalesce(excluded.title, title),"
            " url = coalesce(excluded.url, url), site = coalesce(excluded.site, site)",
            values.values(),
        )
        ids = [row[0] for row in values.values()]
        found = dict(
            self._conn.execute(f"SELECT id, n FROM threads WHERE id IN ({_marks(ids)})", ids)
        )
        for thread, row in values.items():
            self.threads[thread] = found[row[0]]

    def _remember_authors(self, authors: Iterable[Author]) -> None:
        values = {
            author: (pack(identity(author)), pack_maybe(author.id), pack(author.name))
            for author in authors
        }
        self._conn.executemany(
            "INSERT INTO authors (ident, id, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            values.values(),
        )
        idents = [row[0] for row in values.values()]
        found = {
            (ident, name): n
            for ident, name, n in self._conn.execute(
                f"SELECT ident, name, n FROM authors WHERE ident IN ({_marks(idents)})", idents
            )
        }
        for author, (ident, _, name) in values.items():
            self.authors[author] = found[ident, name]


class _Names:
    """Numbers for names that come again and again, in a table of their own."""

    def __init__(self, conn: sqlite3.Connection, table: str, column: str) -> None:
        self._conn = conn
        self._find = f"SELECT n FROM {table} WHERE {column} = ?"
        self._add = f"INSERT INTO {table} ({column}) VALUES (?)"
        self._known: dict[str, int] = {}

    def forget(self) -> None:
        self._known.clear()

    def __getitem__(self, name: str) -> int:
        known = self._known.get(name)
        if known is not None:
            return known
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        row = self._conn.execute(self._find, [pack(name)]).fetchone()
        if row is None:
            self._conn.execute(self._add, [pack(name)])
            row = self._conn.execute(self._find, [pack(name)]).fetchone()
        number = int(row[0])
        self._known[name] = number
        return number


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
