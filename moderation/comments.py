"""The words of the field as values: frozen, slotted, typed. They know nothing else.

All offsets are code points of the original text, start inclusive, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

#: The labels that Detoxify's models use, in Detoxify's names, in a fixed order.
LABELS = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "threat",
    "insult",
    "identity_attack",
    "sexual_explicit",
)

#: Characters of the longest text, title or author's name that is read or matched.
MAX_TEXT = 1_000_000

#: One probability (0..1) per label that the model has; empty when no model ran.
Scores = Mapping[str, float]


class _Ranked(StrEnum):
    """A closed set of names with an order: the later declared, the higher its rank."""

    rank: int

    def __init__(self, *_: str) -> None:
        self.rank = len(type(self).__members__)


class Severity(_Ranked):
    """How grave a rule's finding is."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Action(_Ranked):
    """What a rule asks for."""

    APPROVE = "approve"
    FLAG = "flag"
    HOLD = "hold"
    HIDE = "hide"


class Verdict(_Ranked):
    """What the policy says of a comment."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    APPROVE = "approve"
    FLAG = "flag"
    HOLD = "hold"
    HIDE = "hide"

    @property
    def needs_review(self) -> bool:
        """True for the verdicts that put a comment into the queue."""
        return self.rank >= Verdict.FLAG.rank


class RuleStatus(StrEnum):
    """A `shadow` rule is recorded and changes nothing; an `off` rule does not run."""

    LIVE = "live"
    SHADOW = "shadow"
    OFF = "off"


class Choice(StrEnum):
    """What a person can do with a comment in the queue."""

    APPROVE = "approve"
    HIDE = "hide"
    ESCALATE = "escalate"
    SKIP = "skip"
    UNDO = "undo"


class Status(StrEnum):
    """Where a stored comment stands.

    `clear` was never flagged (it is kept as context for its thread); `pending` waits
    for a person, skipped ones included.
    """

    CLEAR = "clear"
    PENDING = "pending"
    APPROVED = "approved"
    HIDDEN = "hidden"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a comment, as far as the source says."""

    name: str
    id: str | None = None
    #: When the account was made, and how many comments it had written before.
    created: datetime | None = None
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """What a store knows of an author: their comments before the one in question, and
    how many of all of theirs were approved and hidden by a person."""

    comments: int = 0
    approved: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """The page, article or topic that a comment stands under.

    `id` is stable for the same page: its url where known, else a slug of its title.
    """

    id: str
    title: str | None = None
    url: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """One piece of user text.

    `None` means that the source does not say. `id` is the source's own. `origin` is
    the name space of that id: empty where ids are the platform's own (the same
    comment in two dumps is one comment), else the page or file within which the id
    was counted. `created` is naive when the zone is unknown, aware otherwise.
    `source` and `line` (from 1) say where it was read.
    """

    id: str
    text: str
    author: Author | None = None
    created: datetime | None = None
    thread: Thread | None = None
    parent: str | None = None
    depth: int | None = None
    origin: str = ""
    source: str = ""
    line: int | None = None
    #: How often readers reported it; whether it was changed after it was posted.
    reports: int | None = None
    edited: bool | None = None

    @property
    def key(self) -> str:
        """The id that is unique across sources: `origin#id`, or `id` alone."""
        return f"{self.origin}#{self.id}" if self.origin else self.id

    @property
    def parent_key(self) -> str | None:
        if self.parent is None:
            return None
        return f"{self.origin}#{self.parent}" if self.origin else self.parent


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A passage of the original text; `text` is exactly `original[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One rule that matched, with the exact places.

    `spans` point into the comment's `field` (`text`, `title`, `author` or `link`,
    whose spans point into the text as well) and may be empty: a rule on a score alone
    has no place. `version` fingerprints the rule as it was when it matched.
    """

    rule: str
    action: Action
    severity: Severity
    status: RuleStatus
    reason: str
    priority: int = 0
    field: str = "text"
    spans: tuple[Span, ...] = ()
    version: str = ""
    #: What the rule is about, without a word of the comment.
    title: str = ""
    #: How a disguised passage was read: `FÜСК read as fuck`. Also ends the reason.
    reading: str = ""

    @property
    def live(self) -> bool:
        return self.status is RuleStatus.LIVE


@dataclass(frozen=True, slots=True)
class Assessment:
    """A comment with everything the program thinks of it.

    `severity` is that of the gravest live flag, None where nothing live matched.
    `undecided` names the rules that lacked a field. `unsupported` says that the text is
    clearly in a language that the model did not learn: its scores mean nothing. `reading`
    says how the model read disguised words, where that raised a score. `model` and `policy`
    are fingerprints, so a verdict can be traced to what made it.
    """

    comment: Comment
    verdict: Verdict
    severity: Severity | None = None
    priority: int = 0
    scores: Scores = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    undecided: tuple[str, ...] = ()
    model: str = "none"
    policy: str = ""
    unsupported: bool = False
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person did, when and why. `seq` counts from 1 over the whole store.

    `undoes` is the `seq` of the decision that an `undo` takes back; `redoes` that of the
    undo which this decision takes back in turn. Decisions made at once bear the `seq` of
    the first of them as their `bulk`. `before` and `after` are the comment's status
    around it.
    """

    seq: int
    key: str
    choice: Choice
    moderator: str
    at: datetime
    before: Status
    after: Status
    reason: str = ""
    note: str = ""
    undoes: int | None = None
    bulk: int | None = None
    redoes: int | None = None


@dataclass(frozen=True, slots=True)
class Braked:
    """A freshly changed rule that the emergency brake reduced to `flag` for one scan.

    It would have done its `action` to `count` of `comments`, which is more than `limit`
    (0..1) of them. `age` is how long ago a scan first came upon the change, zero for one
    that this scan did.
    """

    rule: str
    action: Action
    count: int
    comments: int
    limit: float
    age: timedelta

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.count / self.comments
