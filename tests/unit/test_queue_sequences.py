"""Scans, decisions and undos in any order, held against a model in plain Python."""

import shutil
import tempfile
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from moderation.comments import Assessment, Choice, Comment, Status, Verdict
from moderation.errors import ConflictError
from moderation.queue import Queue
from moderation.store import Store

KEYS = st.sampled_from(["1", "2", "3"])
NAMES = st.sampled_from(["Mira", "Jon"])
CHOICES = st.sampled_from([Choice.APPROVE, Choice.HIDE, Choice.ESCALATE, Choice.SKIP])
AFTER = {
    Choice.APPROVE: Status.APPROVED,
    Choice.HIDE: Status.HIDDEN,
    Choice.ESCALATE: Status.ESCALATED,
}


@dataclass
class Expected:
    text: str
    flagged: bool
    status: Status
    edits: int = 0
    skips: int = 0

    @property
    def undecided(self):
        return Status.PENDING if self.flagged else Status.CLEAR


@dataclass
class Done:
    seq: int
    key: str
    name: str
    choice: Choice
    before: Status
    edits: int
    deed: int
    stands: bool = True
    undone_at: int = 0


@dataclass
class Model:
    comments: dict[str, Expected] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    rows: int = 0
    #: By moderator, what they undid and may redo: each deed's decisions, from the first.
    undone: dict[str, list[list[Done]]] = field(default_factory=dict)

    def overtaken(self, old, since=0):
        return any(
            later.stands
            and later.key == old.key
            and later.seq > (since or old.seq)
            and later.name != old.name
            and later.choice in AFTER
            for later in self.done
        )

    def undo(self, name, steps):
        """What is undone, in order; None for a conflict."""
        own = [each for each in reversed(self.done) if each.name == name and each.stands]
        own = [each for each in own if each.choice in AFTER or not self.overtaken(each)]
        deeds = [list(deed) for _, deed in groupby(own, key=lambda each: each.deed)][:steps]
        own = [each for deed in deeds for each in deed]
        if any(self.overtaken(each) for each in own):
            return None
        for each in own:
            each.stands = False
            comment = self.comments[each.key]
            if each.edits != comment.edits:
                continue
            if each.choice is Choice.SKIP:
                comment.skips -= 1
            elif each.before in AFTER.values():
                comment.status = each.before
            else:
                comment.status = comment.undecided
        for number, each in enumerate(own, 1):
            each.undone_at = self.rows + number
        self.undone.setdefault(name, []).extend(deed[::-1] for deed in deeds)
        self.rows += len(own)
        return [each.seq for each in own]

    def redo(self, name):
        """The keys of what is made again, in order; None for a conflict."""
        stack = self.undone.get(name) or []
        if not stack:
            return []
        deed = stack[-1]
        for each in deed:
            if self.overtaken(each, each.undone_at):
                return None
            if each.edits != self.comments[each.key].edits:
                return None
        stack.pop()
        first = self.rows + 1
        for each in deed:
            self.decided(each.key, name, each.choice, first)
        return [each.key for each in deed]

    def decided(self, key, name, choice, deed):
        comment = self.comments[key]
        self.rows += 1
        self.done.append(Done(self.rows, key, name, choice, comment.status, comment.edits, deed))
        comment.status = AFTER.get(choice, comment.status)
        comment.skips += choice is Choice.SKIP


class Sequences(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.open(self.folder / "q.db")
        self.store._conn.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug here
        self.model = Model()

    def teardown(self):
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(key=KEYS, text=st.sampled_from(["hello", "muppet"]), flagged=st.booleans())
    def scan(self, key, text, flagged):
        verdict = Verdict.HOLD if flagged else Verdict.PASS
        self.store.save([Assessment(Comment(key, text), verdict)], self.store.begin_run(["x"]))
        old = self.model.comments.get(key)
        if old is None:
            new = Expected(text, flagged, Status.CLEAR)
            new.status = new.undecided
            self.model.comments[key] = new
            return
        old.flagged = flagged
        if old.text != text:
            old.text, old.edits, old.skips = text, old.edits + 1, 0
            old.status = old.undecided
        elif old.status in (Status.PENDING, Status.CLEAR):
            old.status = old.undecided

    @precondition(lambda self: self.model.comments)
    @rule(data=st.data(), name=NAMES, choice=CHOICES)
    def decide(self, data, name, choice):
        key = data.draw(st.sampled_from(sorted(self.model.comments)))
        queue = Queue(self.store, name)
        stale = queue.item(key)
        decision = queue.decide(stale, choice)
        self.model.undone[name] = []
        self.model.decided(key, name, choice, decision.seq)
        with pytest.raises(ConflictError):
            queue.decide(stale, Choice.APPROVE)

    @rule(name=NAMES, choice=CHOICES)
    def decide_all_that_wait(self, name, choice):
        queue = Queue(self.store, name)
        chosen = queue.select()
        done = queue.decide_many(chosen, choice).decisions
        assert len(done) == len(chosen)
        if not done:
            return
        self.model.undone[name] = []
        for each in done:
            self.model.decided(each.key, name, choice, done[0].seq)
        with pytest.raises(ConflictError):
            queue.decide_many(chosen, choice)

    @rule(name=NAMES)
    def redo(self, name):
        expected = self.model.redo(name)
        queue = Queue(self.store, name)
        if expected is None:
            with pytest.raises(ConflictError):
                queue.redo()
        else:
            assert [each.key for each in queue.redo()] == expected

    @rule(name=NAMES, steps=st.integers(1, 4))
    def undo(self, name, steps):
        expected = self.model.undo(name, steps)
        queue = Queue(self.store, name)
        if expected is None:
            with pytest.raises(ConflictError):
                queue.undo(steps)
        else:
            assert [each.undoes for each in queue.undo(steps)] == expected

    @rule()
    def open_again(self):
        self.store.close()
        self.store = Store.open(self.folder / "q.db", create=False)

    @invariant()
    def agrees(self):
        queue = Queue(self.store, "reader")
        for key, expected in self.model.comments.items():
            item = queue.item(key)
            assert (item.status, item.skips) == (expected.status, expected.skips)
            assert item.comment.text == expected.text
            standing = [
                each.name
                for each in self.model.done
                if each.key == key
                and each.stands
                and each.choice in AFTER
                and each.edits == expected.edits
            ]
            assert item.decided_by == (standing[-1] if standing else None)
        pending = [key for key, each in self.model.comments.items() if each.status == "pending"]
        assert sorted(queue.keys()) == sorted(pending)
        skips = [item.skips for item in queue.items()]
        assert skips == sorted(skips)
        assert queue.counts()[Status.PENDING] == len(pending)
        assert self.store.verify() == []
        assert self.store.head()[0] == self.model.rows


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
