"""Reddit AutoModerator's configuration into rule files of this program.

What a document says is read as its reference describes it (Reddit's help, "Full
AutoModerator documentation"): documents between `---`, search checks such as
`~title+body#2 (includes, regex): […]`, checks on the author, actions. Every part that
has no counterpart here is noted. What would make a rule match *more* than it did (a
check that is left out) also turns it into a shadow rule: it is recorded and does
nothing until somebody has looked at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from moderation.rules.automoderator.checks import (
    Lost,
    Told,
    author_checks,
    search_check,
    title_check,
    yes_no,
)
from moderation.rules.automoderator.published import documents, parsed, title
from moderation.rules.compile import compile_text
from moderation.rules.language.files import MAX_FILE_BYTES
from moderation.rules.language.values import kind_of

_ACTIONS = {
    "approve": "approve",
    "report": "flag",
    "filter": "hold",
    "remove": "hide",
    "spam": "hide",
}
#: Things done besides, which belong to Reddit.
_REDDIT_ONLY = {
    "comment": "a reply to the author",
    "message": "a message to the author",
    "modmail": "a message to the moderators",
    "set_flair": "flair",
    "set_locked": "locking",
    "set_sticky": "pinning",
    "set_nsfw": "a mark as not safe for work",
    "set_spoiler": "a spoiler mark",
    "set_contest_mode": "contest mode",
    "set_original_content": "a mark as original content",
    "set_suggested_sort": "a suggested order",
    "set_post_crowd_control_level": "crowd control",
}
#: Of these, what can only be done to posts: a rule with one of them is for posts.
_TO_POSTS = frozenset(_REDDIT_ONLY) - {"comment", "message", "modmail", "set_locked"}
#: Details of those, of no interest without them.
_DETAILS = frozenset(
    "comment_stickied comment_locked message_subject modmail_subject overwrite_flair"
    " action_reason report_reason moderators_exempt".split()
)
_SUBMISSIONS = frozenset(
    "submission|text submission|link submission|crosspost submission|poll submission"
    "|gallery submission|image submission|video submission".split("|")
)
_PLACEHOLDERS = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_KNOWN_FIELDS = {"author": "{author}", "title": "{title}", "kind": "comment"}
_NO = ("false", "no", "off")


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a part of a document. `line` is where the document begins."""

    line: int
    rule: str
    what: str
    #: Nothing of the document was carried over.
    dropped: bool = False


@dataclass(slots=True)
class Imported:
    """`text` is a rule file, empty when no rule could be carried over."""

    text: str = ""
    rules: int = 0
    documents: int = 0
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """One rule on its way."""

    line: int
    id: str
    rule: dict[str, Any]
    notes: list[str]
    #: Reddit would not have run it on moderators.
    exempts: bool = False


def import_automoderator(text: str) -> Imported:
    """Carry over what can be; the result compiles without errors."""
    result = Imported()
    if len(text.encode("utf-8", "replace")) > MAX_FILE_BYTES:
        result.notes.append(Note(1, "", f"larger than {MAX_FILE_BYTES:,} bytes", dropped=True))
        return result
    drafts: list[_Draft] = []
    taken: set[str] = set()
    for line, document in documents(text):
        result.documents += 1
        try:
            said, curly = parsed(document)
            draft = _draft(line, said, title(document), result.documents, taken)
            if curly:
                draft.notes.append("curly quotes around values were straightened")
            _prove(draft)
        except Lost as lost:
            name = title(document) or f"document {result.documents}"
            result.notes.append(Note(line, name, str(lost), dropped=True))
            continue
        taken.add(draft.id)
        drafts.append(draft)
        result.notes += [Note(line, draft.id, what) for what in draft.notes]
    result.notes += _below_removals(drafts)
    result.rules = len(drafts)
    exempting = sum(draft.exempts for draft in drafts)
    if exempting:
        what = f"{exempting} of the rules spared moderators; who is one is not known here"
        result.notes.append(Note(1, "all", what))
    if drafts:
        result.text = _written(drafts)
    return result


def _draft(line: int, said: dict[str, Any], name: str, number: int, taken: set[str]) -> _Draft:
    # AutoModerator takes keys in any case.
    said = {key if "(" in key else key.lower(): value for key, value in said.items()}
    action = str(said.pop("action", "")).strip().lower()
    besides = [name for name in _REDDIT_ONLY if name in said]
    if action not in _ACTIONS:
        if action:
            raise Lost(f"the action '{action}' is not known")
        kinds = [_REDDIT_ONLY[name] for name in besides]
        raise Lost(f"it only does what Reddit can do: {', '.join(kinds) or 'nothing'}")
    for_posts = [name for name in besides if name in _TO_POSTS]
    if for_posts:
        raise Lost(f"`{for_posts[0]}` makes it a rule for posts, and this program judges comments")
    told = Told()
    reason = _reason(said, told.notes)
    draft = _Draft(line, _id(reason or name, number, taken), {}, told.notes)
    unquoted = _unquoted(said, told)
    when: list[dict[str, Any]] = []
    priority = 0
    for key, value in said.items():
        try:
            if key == "priority":
                priority = _priority(value, told.notes)
            else:
                when += _checks(key, value, told, unquoted=unquoted)
        except Lost as lost:
            if lost.whole:
                raise
            told.missing.append(f"`{key}`: {lost}")
    draft.exempts = action != "approve" and (
        str(said.get("moderators_exempt", "")).lower() not in _NO
    )
    if not when or (told.missing and all(list(each) == ["not"] for each in when)):
        # What is left would match nearly every comment.
        because = "; ".join(told.missing) or "it has no check, so it would match every comment"
        raise Lost(because)
    rule: dict[str, Any] = {"id": draft.id}
    if name or reason:
        rule["description"] = (name or re.sub(r"\W*\{.*?\}\W*", " ", reason).strip())[:200]
    rule["action"] = _ACTIONS[action]
    if priority:
        rule["priority"] = priority
    if told.missing or told.wider:
        rule["status"] = "shadow"
        told.notes += [f"left out {each}" for each in told.missing] + told.wider
        told.notes.append("as shadow: so it may match more than it did")
    if reason:
        rule["reason"] = reason[:1000]
    rule["when"] = when[0] if len(when) == 1 else _together(when)
    draft.rule = rule
    return draft


def _checks(key: str, value: Any, told: Told, *, unquoted: bool) -> list[dict[str, Any]]:
    """The conditions of one key; none where it asks for nothing."""
    match key:
        case "type":
            _check_kind(value)
        case "standard":
            raise Lost(f"Reddit's own list '{value}' is not published")
        case "parent_submission":
            return _parent(value, told)
        case "author" | "~author":
            return author_checks(value, told, negated=key.startswith("~"))
        case "is_edited":
            return [{"is_edited": yes_no(value)}]
        case "is_top_level":
            return [{"is_reply": not yes_no(value)}]
        case "reports":
            least = _whole(value)
            return [{"reports": f">= {least}"}] if least else []
        case "body_longer_than":
            _lengths(key, told.wider if unquoted else told.notes, unquoted=unquoted)
            return [{"length": f"> {_whole(value)}"}]
        case "body_shorter_than":
            _lengths(key, told.notes, unquoted=unquoted)
            return [{"length": f"< {_whole(value)}"}]
        case _ if key in _REDDIT_ONLY:
            told.notes.append(f"left out {_REDDIT_ONLY[key]} (`{key}`)")
        case _ if key not in _DETAILS:
            return [search_check(key, value, told, unquoted=unquoted)]
    return []


def _unquoted(said: dict[str, Any], told: Told) -> bool:
    """Whether what a comment quotes does not count."""
    if not yes_no(said.pop("ignore_blockquotes", "no")):
        return False
    told.notes.append("`ignore_blockquotes`: passages between quotation marks are ignored, too")
    return True


def _lengths(key: str, notes: list[str], *, unquoted: bool) -> None:
    also = "quoted lines and " if unquoted else ""
    notes.append(f"`{key}`: {also}signs and blanks at the ends of a comment count here")


def _parent(value: Any, told: Told) -> list[dict[str, Any]]:
    """What a rule on a comment asks of the post above, or does to it."""
    if not isinstance(value, dict):
        raise Lost("it is not a group of checks")
    checks: list[dict[str, Any]] = []
    for key, said in value.items():
        if key.lower() in (*_REDDIT_ONLY, *_DETAILS, "action"):
            told.notes.append(f"left out what it does to the post above (`{key}`)")
            continue
        try:
            checks.append(title_check(key, said, told))
        except Lost as lost:
            told.missing.append(str(lost))
    return checks


def _together(when: list[dict[str, Any]]) -> dict[str, Any]:
    """Checks that must all hold: under one mapping where no key comes twice."""
    keys = [key for each in when for key in each]
    if len(keys) == len(set(keys)):
        return {key: value for each in when for key, value in each.items()}
    return {"all": when}


def _check_kind(value: Any) -> None:
    kind = str(value).strip().lower()
    if kind in _SUBMISSIONS:
        why = f"it is for posts of the type '{kind}', and this program judges comments"
        raise Lost(why, whole=True)
    if kind not in ("any", "comment"):
        raise Lost(f"the type '{kind}' is not known", whole=True)


def _reason(said: dict[str, Any], notes: list[str]) -> str:
    reason = said.get("action_reason", said.get("report_reason"))
    if not isinstance(reason, str):
        return ""

    def fill(found: re.Match[str]) -> str:
        name = found[1].lower()
        if name.startswith("match"):
            if re.search(r"-(?:[02-9]|\d\d+)$", name):
                notes.append(f"the reason's {{{{{name}}}}} became the whole passage")
            return "{match}"
        if name in _KNOWN_FIELDS:
            return _KNOWN_FIELDS[name]
        notes.append(f"the reason's {{{{{name}}}}} has no counterpart")
        return f"({name})"

    # A brace of its own would be read as a field.
    parts = _PLACEHOLDERS.split(str(reason))
    if len(parts) == 1:
        return parts[0].replace("{", "(").replace("}", ")").strip()
    marked = _PLACEHOLDERS.sub(lambda found: f"\x00{found[1]}\x01", str(reason))
    plain = marked.replace("{", "(").replace("}", ")")
    return re.sub(r"\x00([^\x01]*)\x01", fill, plain).strip()


def _id(name: str, number: int, taken: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", re.sub(r"\{.*?\}", " ", name.lower()))
    stem = f"automoderator.{'-'.join(words)[:60].strip('-') or f'rule-{number}'}"
    found, count = stem, 1
    while found in taken:
        count += 1
        found = f"{stem}-{count}"
    return found


def _priority(value: Any, notes: list[str]) -> int:
    try:
        asked = int(value)
    except (TypeError, ValueError):
        raise Lost(f"the priority is not a number but {kind_of(value)}") from None
    kept = max(-1000, min(1000, asked))
    if kept != asked:
        notes.append(f"the priority {asked} became {kept}, the limit here")
    return kept


def _below_removals(drafts: list[_Draft]) -> list[Note]:
    """At Reddit an approval never undoes what a rule removes; here it sets aside the rules
    of lower priority. So no approval comes out above a removal."""
    removing = [
        draft.rule.get("priority", 0)
        for draft in drafts
        if draft.rule["action"] in ("hide", "hold")
    ]
    lowest = min(removing, default=1000)
    notes: list[Note] = []
    for draft in drafts:
        asked = draft.rule.get("priority", 0)
        if draft.rule["action"] == "approve" and asked > lowest:
            what = f"its priority {asked} became {lowest}: an approval undoes no removal there"
            # Where the language has it: before the conditions.
            when = draft.rule.pop("when")
            draft.rule |= {"priority": lowest, "when": when}
            draft.notes.append(what)
            notes.append(Note(draft.line, draft.id, what))
    return notes


def _whole(value: Any) -> int:
    found = re.fullmatch(r"\s*(\d{1,9})\s*", str(value))
    if not found:
        raise Lost(f"it wants a number, not {kind_of(value)}")
    return int(found[1])


def _prove(draft: _Draft) -> None:
    """Raises Lost when this program's own compiler refuses the rule (a look-around, a
    pattern that is too long, a text that folds to nothing)."""
    errors = compile_text(_written([draft])).errors
    if errors:
        told = "; ".join(dict.fromkeys(error.message for error in errors[:3]))
        raise Lost(f"not allowed here: {told}")


def _written(drafts: list[_Draft]) -> str:
    """The rule file, each rule below what became of it."""
    lines = ["# Carried over from an AutoModerator configuration by `rules import`.", "version: 1"]
    lines.append("rules:")
    for draft in drafts:
        lines.append("")
        lines += [f"  # {_plain(note)}" for note in draft.notes]
        entry = yaml.dump(
            [draft.rule], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
        )
        lines += [f"  {line}" if line.strip() else line for line in entry.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def _plain(note: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in note)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Whatever is not a plain lower-case word is quoted: no `no`, no `on`, no `012`."""
    plain = re.fullmatch(r"[a-z][a-z0-9_.-]*", text) and text not in _TRAPS
    style = None if plain else "'" if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_TRAPS = frozenset("y n yes no on off true false null".split())
_Dumper.add_representer(str, _quoted)
