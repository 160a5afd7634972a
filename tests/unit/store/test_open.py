"""Opening, and everything that can be wrong with a file."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from moderation.comments import Assessment, Choice, Comment, Status, Verdict
from moderation.errors import StoreError
from moderation.queue import Queue
from moderation.store import Store, migrations


def held(id, text="You muppet"):
    return Assessment(Comment(id, text), Verdict.HOLD)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "q.db"


@pytest.fixture
def filled(path):
    """A database with two comments, one decided, closed again."""
    with Store.open(path) as store:
        store.save([held("1"), held("2")], store.begin_run(["x"]))
        queue = Queue(store, "Mira")
        queue.decide(queue.item("1"), Choice.HIDE)
    return path


def refuses(path, **options):
    """The error that opening gives; the file must be as before."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as caught:
        Store.open(path, **options)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert caught.value.where == str(path)
    assert type(caught.value) is StoreError
    return caught.value


def test_opening_again_changes_nothing(filled):
    before = filled.read_bytes()
    with Store.open(filled) as store:
        queue = Queue(store, "Mira")
        assert queue.item("1").status is Status.HIDDEN
        assert queue.keys() == ["2"]
        assert store.verify() == []
    assert filled.read_bytes() == before


def test_a_file_of_the_first_version_is_brought_up_to_date(path):
    """`v1.sql` is what 0.1.0 wrote; it is never made anew."""
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(Path(__file__).with_name("v1.sql").read_text("utf-8"))
        conn.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    with Store.open(path) as store:
        queue = Queue(store, "Mira")
        assert queue.keys() == ["page#2"]
        assert queue.item("1").status is Status.HIDDEN
        assert queue.item("3").comment.text == "Broken \ud800, but kept"
        assert not queue.item("3").assessment.unsupported
        assert queue.history("page#1")[0].note == "again"
        assert store.verify() == []
        assert [each.undoes for each in queue.undo(5)] == [1]


def test_the_tables_of_the_first_version_stay_as_they_shipped(path):
    def tables(conn):
        rows = conn.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%sqlite%'")
        return dict(rows.fetchall())

    with closing(sqlite3.connect(":memory:")) as shipped:
        shipped.executescript(Path(__file__).with_name("v1.sql").read_text("utf-8"))
        with closing(sqlite3.connect(path, isolation_level=None)) as now:
            migrations.STEPS["001_first"](Database(now, execute_plugins=False))
            assert tables(now) == tables(shipped)


def test_a_file_that_is_up_to_date_opens_without_sqlite_utils(filled):
    """It takes longer to import than a decision takes to make."""
    code = (
        "import sys; from moderation.store import Store; from moderation.queue import Queue;"
        f"store = Store.open({str(filled)!r}); queue = Queue(store, 'Jon');"
        "from moderation.comments import Choice;"
        "queue.decide(queue.item('2'), Choice.APPROVE);"
        "sys.exit('sqlite_utils' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_no_file(path):
    error = refuses(path, create=False)
    assert error.what == "there is no database here"
    assert "scan" in error.hint
    assert refuses(path, read_only=True).what == error.what
    assert not path.exists()


def test_no_folder(tmp_path):
    assert "folder" in refuses(tmp_path / "none" / "q.db").what
    assert "folder" in refuses(tmp_path).what


@pytest.mark.parametrize("name", ["long" * 99, "nul\0nul"])
def test_a_name_that_no_file_can_have(tmp_path, name):
    for create in (True, False):
        with pytest.raises(StoreError):
            Store.open(tmp_path / name, create=create)


def test_not_a_database(path):
    path.write_text("1. Ana\n  hello there, this is a page and no database\n" * 100)
    assert refuses(path).what == "this is not an SQLite database"
    assert refuses(path, read_only=True).what == "this is not an SQLite database"


def test_the_database_of_another_program(path):
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE comments (id, text)")
        conn.commit()
    assert refuses(path).what == "this is the database of another program"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("DROP TABLE comments")
        conn.execute("PRAGMA application_id = 7")
        conn.commit()
    assert refuses(path).what == "this is the database of another program"


def test_a_newer_version(filled):
    with closing(sqlite3.connect(filled)) as conn:
        conn.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('moderation', '999_later', 'tomorrow')"
        )
        conn.commit()
    error = refuses(filled)
    assert "newer" in error.what
    assert "pip install" in error.hint


def test_an_empty_file_is_filled_but_not_when_reading_only(path):
    path.touch()
    assert "empty" in refuses(path, read_only=True).what
    with Store.open(path) as store:
        assert store.verify() == []


def test_a_damaged_file(filled):
    data = bytearray(filled.read_bytes())
    data[4096:] = b"\x7f" * len(data[4096:])
    filled.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"), Store.open(filled) as store:
        Queue(store, "Mira").items()


def test_locked(filled):
    with (
        closing(sqlite3.connect(filled, isolation_level=None)) as other,
        Store.open(filled, timeout=0.05) as store,
    ):
        queue = Queue(store, "Mira")
        item = queue.item("2")
        other.execute("BEGIN IMMEDIATE")
        assert queue.keys() == ["2"]  # readers never wait
        with pytest.raises(StoreError, match="locked by another program") as caught:
            queue.decide(item, Choice.HIDE)
        assert "nothing was written" in caught.value.hint
        other.execute("ROLLBACK")
        queue.decide(item, Choice.HIDE)


def test_locked_before_it_is_opened(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked" in refuses(path, timeout=0.05).what


def test_reading_only(filled):
    before = filled.read_bytes()
    with Store.open(filled, read_only=True) as store, store.clone() as other:
        queue = Queue(other, "Mira")
        assert queue.keys() == ["2"]
        with pytest.raises(StoreError, match="reading only"):
            queue.decide(queue.item("2"), Choice.HIDE)
        with pytest.raises(StoreError, match="reading only"):
            store.begin_run([])
        assert store.verify() == []
    assert filled.read_bytes() == before


@contextmanager
def nobody():
    """Permissions mean nothing to root, who runs the tests in a container."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder():
    """A folder that everyone can reach; pytest's own are for the owner only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_without_permission_to_write(open_folder):
    path = open_folder / "q.db"
    with Store.open(path) as store:
        store.save([held("1")], store.begin_run(["x"]))
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with nobody():
        with Store.open(path, read_only=True) as store:
            assert Queue(store, "Mira").keys() == ["1"]
        with pytest.raises(StoreError) as caught, Store.open(path) as store:
            queue = Queue(store, "Mira")
            queue.decide(queue.item("1"), Choice.HIDE)
        assert "write" in caught.value.hint
        with pytest.raises(StoreError, match="cannot be opened: Permission denied"):
            Store.open(open_folder / "new.db")
    path.chmod(0o000)
    with nobody(), pytest.raises(StoreError, match="cannot be opened"):
        Store.open(path)
    open_folder.chmod(0o000)
    with nobody(), pytest.raises(StoreError, match="cannot be opened: Permission denied"):
        Store.open(path)


def test_the_disk_is_full(filled):
    with Store.open(filled) as store:
        run = store.begin_run(["x"])
        with store.read() as conn:
            (pages,) = conn.execute("PRAGMA page_count").fetchone()
            conn.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="disk is full"):
            store.save([held(str(n), "long " * 999) for n in range(50)], run)
        queue = Queue(store, "Mira")
        assert queue.keys() == ["2"]
        assert store.verify() == []


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be removed there")
@pytest.mark.parametrize("replaced", [False, True])
def test_the_file_is_removed_while_it_is_open(filled, replaced):
    with Store.open(filled) as store:
        queue = Queue(store, "Mira")
        item = queue.item("2")
        copy = filled.read_bytes()
        filled.unlink()
        if replaced:
            filled.write_bytes(copy)
        with pytest.raises(StoreError, match="removed or replaced"):
            queue.decide(item, Choice.HIDE)


def test_no_raw_error_comes_out(filled):
    store = Store.open(filled)
    queue = Queue(store, "Mira")
    item = queue.item("2")
    caught = []

    def elsewhere():
        try:
            queue.keys()
        except Exception as error:
            caught.append(type(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    store.close()
    store.close()
    for use in (
        queue.keys,
        queue.counts,
        queue.data_version,
        queue.undo,
        store.verify,
        lambda: queue.item("1"),
        lambda: queue.context(item),
        lambda: queue.decide(item, Choice.HIDE),
        lambda: next(queue.export()),
    ):
        try:
            use()
        except Exception as error:
            caught.append(type(error))
    assert caught == [StoreError] * 10


def test_paths_with_signs_that_mean_something_in_an_address(tmp_path):
    path = tmp_path / "what? 100% #1 \u202e&mode=memory.db"
    with Store.open(path) as store:
        store.begin_run(["x"])
    assert path.stat().st_size
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
