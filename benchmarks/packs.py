"""What the shipped rule packs find in labelled comments, rule by rule.

    python -m benchmarks.packs [--data FILE] [--rules FOLDER] [--write]

Runs every rule, the model's thresholds on `builtin` included, on a csv with the columns
text, toxicity, threat and identity_attack, and prints for each how many comments it
flags, how many of those are labelled toxic, and which share of the toxic comments it
finds, with 95 % Wilson intervals. `--write` puts the tables into README.md beside the
rules. The file is the one that the thresholds were set on, so a new sample will look a
little worse.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from moderation import models
from moderation.comments import Comment, RuleStatus
from moderation.rules import RuleSet
from moderation.shares import Share

_DATA = Path("../shared/data/dev_jigsaw_natural.csv.gz")
_RULES = Path("rules")
#: The label that the rules of a family answer to, where it is plain.
_FITTING = {
    "identity": "identity_attack",
    "threat": "threat",
    "toxicity.identity": "identity_attack",
    "toxicity.insult": "insult",
    "toxicity.obscene": "obscene",
    "toxicity.severe": "severe_toxicity",
    "toxicity.threat": "threat",
    "profanity.strong": "obscene",
    "profanity.aimed": "obscene",
    "profanity.crude": "obscene",
    "harassment": "insult",
}
_INTRODUCTION = """\
# The rule packs

<!-- Written by `python -m benchmarks.packs --write`; change that, not this. -->

These packs ship with the program and run unless told otherwise: each file is one pack,
each rule carries its tests, and `moderation rules test` runs them. Copy a file and change
it, or set a rule's `status` to `shadow` or `off`; the language is in
[docs/rules.md](../docs/rules.md). The files hold slurs and swearing in full, as a filter
must know them. A word that only names a group of people never flags a comment.

- `profanity` and `harassment` are about swearing and insults, `identity` about attacks on
  people for what they are, `threats` about violence, `privacy` about personal data,
  `spam` about advertising and noise, `toxicity` about the model's scores.
- `german`, `french`, `portuguese`, `russian` and `spanish` hold swearing and slurs in
  these languages. Words that are ordinary in another language are left out or need
  company; each file says which. They run on comments of every language.
"""
_READING = """\
## How to read the tables

Measured on {rows:,} comments of Wikipedia's talk pages (`{name}`), as they come:
{toxic:,} are labelled toxic, {clean:,} are not. *Precision* is the share of the flagged
comments that are labelled toxic, *recall* the share of the toxic ones that are flagged;
both with their 95 % interval (Wilson). *Own label* is the precision against the label that
the rule is about, where there is one. *Clean* counts flagged comments that are not
labelled toxic. The thresholds were set on these comments, so others will do a little
worse.

That a rule is "wrong" here need not mean that it errs: the label says whether a comment is
rude, so an e-mail address or a text in capitals counts as a false flag though it is truly
there, and so does a swearword that raters let pass. Rules on authors, rates and
near duplicates find nothing here, as the data has no authors and no times. The comments
are English, so the packs of other languages show only that they stay quiet.
"""
#: Run once by hand on text that is not kept here, so these figures are not measured anew.
_ELSEWHERE = """\
## In other languages

All packs were also run on word lists and on sentences of each language, taken from
packages of Debian and PyPI: dictionaries, word frequencies, manuals, help pages, games,
proverbs and jokes. A sentence counts as flagged when a rule on swearing, insults, slurs or
threats matches it, and as *wrong* when nothing of the kind stands there, judged by hand.

| language | words | sentences | flagged of 1,000 | wrong |
| --- | ---: | ---: | ---: | ---: |
| German | 1,023,000 | 202,969 | 0.53 | 2 of 108 |
| French | 554,000 | 128,944 | 0.02 | 2 of 3 |
| Spanish | 387,000 | 150,797 | 0.53 | 2 of 80 |
| Portuguese | 656,000 | 107,822 | 0.14 | 2 of 15 |
| Russian | 1,735,000 | 153,702 | 0.49 | 1 of 75 |

False alarms found on the way were mended on this same text, so it flatters the rules; it is
tidier than comments, and nearly all of the French is technical. The frequent words of 26 more
languages were run as well; words found to be ordinary there now need company. **No native
speaker has read these packs**: where they matter to you, have one read them.
"""


@dataclass(slots=True)
class Found:
    """The comments that something flags, by number."""

    comments: set[int] = field(default_factory=set)

    def right(self, labelled: set[int]) -> Share:
        return Share(len(self.comments & labelled), len(self.comments))

    def share_of(self, labelled: set[int]) -> Share:
        return Share(len(self.comments & labelled), len(labelled))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a rule, a pack, or all."""

    name: str
    action: str
    found: Found
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Results:
    rows: int
    #: Comments with each label, and those without `toxicity`.
    labelled: Mapping[str, set[int]]
    clean: set[int]
    rules: Mapping[str, list[Line]]
    packs: list[Line]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a csv or csv.gz."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def fitting(rule: str) -> str | None:
    """The label that this rule is about."""
    return _FITTING.get(rule) or _FITTING.get(rule.split(".")[0])


def measure(folder: Path, rows: Sequence[Mapping[str, str]], model: str = "builtin") -> Results:
    """Every rule of every file in the folder on every row."""
    packs = {path.stem: RuleSet.load([path]) for path in sorted(folder.glob("*.yaml"))}
    scorer = models.load(model)
    texts = [row["text"] for row in rows]
    scores = [
        dict(zip(scorer.labels, values, strict=True)) for values in scorer.score(texts).tolist()
    ]
    flagged: defaultdict[str, Found] = defaultdict(Found)
    together, on_text, on_scores = Found(), Found(), Found()
    by_pack: defaultdict[str, Found] = defaultdict(Found)
    for number, text in enumerate(texts):
        comment = Comment(str(number), text)
        for pack, rules in packs.items():
            for flag in rules.match(comment, scores[number])[0]:
                flagged[flag.rule].comments.add(number)
                if flag.live:
                    by_pack[pack].comments.add(number)
                    together.comments.add(number)
                    (on_scores if pack == "toxicity" else on_text).comments.add(number)
    labelled = {
        label: {number for number, row in enumerate(rows) if row.get(label) == "1"}
        for label in ("toxicity", *models.load("none").labels, *_FITTING.values())
    }
    return Results(
        rows=len(rows),
        labelled=labelled,
        clean={number for number, row in enumerate(rows) if row["toxicity"] == "0"},
        rules={
            pack: [
                Line(
                    rule.id,
                    rule.action.value
                    if rule.status is RuleStatus.LIVE
                    else f"{rule.action.value}, {rule.status.value}",
                    flagged[rule.id],
                    fitting(rule.id),
                )
                for rule in rules.rules
            ]
            for pack, rules in packs.items()
        },
        packs=[
            *(Line(pack, f"{len(rules.rules)}", by_pack[pack]) for pack, rules in packs.items()),
            Line("all rules on text", "", on_text),
            Line("all rules on the model's scores", "", on_scores),
            Line("**together**", "", together),
        ],
    )


def percent(share: Share) -> str:
    """`81 % (77–84)`, or a dash where there is nothing to divide."""
    if share.value is None or share.interval is None:
        return "–"
    low, high = share.interval
    digits = 1 if high < 0.1 else 0
    numbers = (f"{value * 100:.{digits}f}" for value in (share.value, low, high))
    return "{} % ({}–{})".format(*numbers)


def _plain(share: Share) -> str:
    return "–" if share.value is None else f"{share.value * 100:.2f} %"


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows: list[Sequence[str]] = [heads, ["---", *["---:"] * (len(heads) - 1)], *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def pack_table(results: Results) -> str:
    toxic = results.labelled["toxicity"]
    return _table(
        ("pack", "rules", "flagged", "precision", "recall", "clean", "share of all clean"),
        (
            (
                line.name,
                line.action,
                f"{len(line.found.comments):,}",
                percent(line.found.right(toxic)) if line.found.comments else "–",
                percent(line.found.share_of(toxic)) if line.found.comments else "–",
                f"{len(line.found.comments & results.clean):,}",
                _plain(Share(len(line.found.comments & results.clean), len(results.clean))),
            )
            for line in results.packs
        ),
    )


def rule_table(results: Results, lines: Iterable[Line]) -> str:
    toxic = results.labelled["toxicity"]
    return _table(
        ("rule", "action", "flagged", "precision", "recall", "own label", "clean"),
        (
            (
                f"`{line.name}`",
                line.action,
                f"{len(line.found.comments):,}",
                percent(line.found.right(toxic)),
                percent(line.found.share_of(toxic)) if line.found.comments else "–",
                f"{line.label}: {percent(line.found.right(results.labelled[line.label]))}"
                if line.label and line.found.comments
                else "–",
                f"{len(line.found.comments & results.clean):,}",
            )
            for line in lines
        ),
    )


def document(results: Results, name: str) -> str:
    """The whole README.md."""
    parts = [
        _INTRODUCTION,
        _READING.format(
            rows=results.rows,
            name=name,
            toxic=len(results.labelled["toxicity"]),
            clean=len(results.clean),
        ),
        _ELSEWHERE,
        "## By pack\n\n" + pack_table(results),
        "## By rule\n",
        *(f"### {pack}\n\n{rule_table(results, lines)}" for pack, lines in results.rules.items()),
    ]
    return "\n".join(parts)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_DATA, help="csv or csv.gz with labels")
    parser.add_argument("--rules", type=Path, default=_RULES, help="folder of rule files")
    parser.add_argument("--write", action="store_true", help="write README.md beside the rules")
    args = parser.parse_args(argv)
    if not args.data.is_file():
        parser.error(f"{args.data} is not there; name a file with --data")
    results = measure(args.rules, read(args.data))
    if args.write:
        (args.rules / "README.md").write_text(document(results, args.data.name), encoding="utf-8")
    print(pack_table(results))
    every = (line for lines in results.rules.values() for line in lines if line.found.comments)
    print(rule_table(results, every))


if __name__ == "__main__":
    main()
