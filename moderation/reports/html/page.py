"""`html`: one page that needs nothing but itself, to look at and to pass on."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from moderation.comments import Assessment, Verdict
from moderation.display import one_line
from moderation.reports.base import ShowText, Summary, Write, findings, reason
from moderation.reports.html.markup import Html, tag
from moderation.reports.html.plots import FLAGGED, bar, columns, histogram, percent, stacked
from moderation.reports.passages import passage
from moderation.reports.places import path_of
from moderation.reports.tally import Tallied, Tally
from moderation.reports.text import braked_line, unsupported_line

#: Comments, rules and threads that are listed at most.
COMMENTS = 100
_RULES = 20
_THREADS = 15
#: Columns of the plot over time.
_COLUMNS = 80


class HtmlReport(Tallied):
    """Counts and plots of all comments and the 100 worst one by one, written at the end.

    Holds the counts and what it will list. The page has no script and loads nothing, which
    its own content security policy enforces; comments are text in it, never markup.
    """

    def __init__(self, write: Write, *, show_text: ShowText = "snippet") -> None:
        super().__init__(write, show_text, COMMENTS, self._comment)

    def end(self, summary: Summary) -> None:
        style = (Path(__file__).parent / "page.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )
        head = tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=policy),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("meta", name="robots", content="noindex"),
            tag("title", "Comment moderation"),
            tag("style", Html(style)),
        )
        body = tag("body", tag("main", *self._body(summary)))
        self._write("<!doctype html>\n" + tag("html", head, body, lang="en") + "\n")

    def _body(self, summary: Summary) -> Iterator[Html]:
        yield tag("h1", "Comment moderation")
        yield tag("p", f"model {summary.model} · rules {summary.policy}", class_="soft")
        for braked in summary.braked:
            yield tag("section", tag("h2", "Brake"), tag("p", braked_line(braked)), class_="brake")
        yield _tiles(summary)
        yield _verdicts(summary, self._tally)
        if len(self._tally.days) > 1:
            yield _days(self._tally)
        plots = [_rules(self._tally)]
        if self._show_text != "never" and len(self._tally.threads) > 1:
            plots.append(_threads(self._tally))
        yield tag("div", *plots, class_="two")
        yield _scores(summary, self._tally)
        yield self._listed()
        yield tag("footer", *_notes(summary, self._tally, self._show_text), class_="soft")

    def _listed(self) -> Html:
        texts = self._worst.texts()
        seen = self._worst.seen
        all_listed = len(texts) + sum(copies for _, copies in texts) == seen
        head = "Flagged comments" if all_listed else f"The {len(texts)} worst of {seen:,}"
        choices = [
            tag(
                "label",
                tag("input", type="radio", name="only", id=f"only-{name}", checked=name == "all"),
                f" {name}",
            )
            for name in ("all", *(verdict.value for verdict in FLAGGED))
        ]
        return tag(
            "section",
            tag("h2", head),
            tag("fieldset", tag("legend", "Show"), *choices) if texts else Html(),
            *(_with_copies(text, copies) for text, copies in texts),
            Html() if texts else tag("p", "None.", class_="soft"),
            class_="worst",
        )

    def _comment(self, assessment: Assessment) -> Html:
        comment = assessment.comment
        never = self._show_text == "never"
        told = [tag("b", assessment.verdict.value)]
        if assessment.severity:
            told.append(tag("span", assessment.severity.value))
        told.append(tag("code", one_line(comment.id, 80)))
        if comment.author and not never:
            told.append(tag("bdi", one_line(comment.author.name, 80)))
        if comment.created:
            told.append(tag("span", comment.created.strftime("%Y-%m-%d %H:%M")))
        line = f":{comment.line}" if comment.line is not None else ""
        told.append(tag("span", one_line(path_of(comment) + line, 200)))
        if assessment.scores:
            label, score = max(assessment.scores.items(), key=lambda pair: pair[1])
            told.append(tag("span", f"{label} {score:.2f}"))
        quoted = Html()
        if not never:
            full = self._show_text == "full"
            lines = passage(assessment, full=full, limit=40 if full else 6)
            quoted = tag(
                "blockquote",
                *(
                    tag("p", *(tag("mark", text) if hit else text for text, hit in line.pieces))
                    for line in lines
                ),
            )
        reasons = (
            tag("li", tag("code", one_line(flag.rule, 80)), " ", one_line(why, 200))
            for flag in findings(assessment)
            for why in [reason(flag, self._show_text)]
        )
        return tag(
            "article",
            tag("header", *told),
            quoted,
            tag("ul", *reasons),
            class_=assessment.verdict.value,
        )


def _with_copies(article: str, copies: int) -> Html:
    if not copies:
        return Html(article)
    said = tag("p", f"… and {copies:,} more with the same text", class_="soft")
    return Html(article.replace("</article>", f"{said}</article>"))


def _tiles(summary: Summary) -> Html:
    counts = summary.verdicts
    flagged = sum(counts[verdict] for verdict in FLAGGED)
    tiles = [("comments", summary.comments, ""), ("flagged", flagged, "")]
    tiles += [(verdict.value, counts[verdict], verdict.value) for verdict in FLAGGED]
    tiles += [
        (name, n, "") for name, n in (("rejected", summary.rejected), ("known", summary.known)) if n
    ]
    return tag(
        "dl",
        *(
            tag(
                "div",
                tag("dt", name),
                tag(
                    "dd",
                    f"{count:,} ",
                    tag("small", percent(count, summary.comments))
                    if kind or name == "flagged"
                    else "",
                ),
                class_=kind or None,
            )
            for name, count, kind in tiles
        ),
        class_="tiles",
    )


def _verdicts(summary: Summary, tally: Tally) -> Html:
    counts = summary.verdicts
    total = summary.comments
    everything = [(v, counts[v]) for v in (*FLAGGED, Verdict.APPROVE, Verdict.PASS)]
    flagged = [(v, counts[v]) for v in FLAGGED]
    parts = [tag("h2", "Verdicts"), stacked(everything), _key(everything, total)]
    if 0 < sum(count for _, count in flagged) < total:
        parts += [tag("p", "of those flagged", class_="soft"), stacked(flagged)]
    return tag("section", *parts)


def _key(counts: list[tuple[Verdict, int]], total: int) -> Html:
    return tag(
        "ul",
        *(
            tag("li", f"{v.value} {count:,} · {percent(count, total)}", class_=v.value)
            for v, count in counts
            if count or v is not Verdict.APPROVE
        ),
        class_="key",
    )


def _rules(tally: Tally) -> Html:
    rules = sorted(tally.rules.values(), key=lambda each: (-each.comments, each.rule))
    if not rules:
        return tag("section", tag("h2", "Rules"), tag("p", "None matched.", class_="soft"))
    most = rules[0].comments
    rows = [
        _row(
            tag("code", one_line(each.rule, 80)),
            tag(
                "small",
                f"{each.action.value} · {each.severity.value} · {one_line(each.title, 120)}",
            ),
            bar(each.comments / most, f"v-{each.action.value}", f"{each.comments:,} comments"),
            f"{each.comments:,}",
        )
        for each in rules[:_RULES]
    ]
    return _table("Rules", ("rule", "comments"), rows, len(rules))


def _threads(tally: Tally) -> Html:
    threads = sorted(
        (thread for thread in tally.threads.values() if thread.flagged),
        key=lambda each: (-each.flagged, each.comments, each.title),
    )
    if not threads:
        return tag("section", tag("h2", "Threads"), tag("p", "None is flagged.", class_="soft"))
    most = threads[0].flagged
    rows = [
        _row(
            tag("bdi", one_line(each.title, 120)),
            tag("small", f"{percent(each.flagged, each.comments)} of {each.comments:,} comments"),
            bar(each.flagged / most, "v-hold", f"{each.flagged:,} flagged"),
            f"{each.flagged:,}",
        )
        for each in threads[:_THREADS]
    ]
    return _table("Threads with most flagged", ("thread", "flagged"), rows, len(threads))


def _row(name: Html, small: Html, plot: Html, count: str) -> Html:
    return tag(
        "tr",
        tag("td", name, small, class_="name"),
        tag("td", plot, class_="plot"),
        tag("td", count, class_="number"),
    )


def _table(title: str, heads: tuple[str, str], rows: list[Html], total: int) -> Html:
    head = tag("tr", tag("th", heads[0]), tag("th"), tag("th", heads[1], class_="number"))
    left = total - len(rows)
    return tag(
        "section",
        tag("h2", title),
        tag("table", tag("thead", head), tag("tbody", *rows)),
        tag("p", f"… and {left:,} more", class_="soft") if left else Html(),
    )


def _scores(summary: Summary, tally: Tally) -> Html:
    title = tag("h2", "Scores")
    if not tally.scores:
        return tag("section", title, tag("p", "No model read these comments.", class_="soft"))
    plots = (
        tag("figure", tag("figcaption", label), histogram(label, bins))
        for label, bins in list(tally.scores.items())[:12]
    )
    said = "Comments by the model's score, from 0 to 1. Each line up is ten times as many."
    return tag("section", title, tag("p", said, class_="soft"), tag("div", *plots, class_="scores"))


def _days(tally: Tally) -> Html:
    first, last = min(tally.days), max(tally.days)
    span = (last - first).days + 1
    width = -(-span // _COLUMNS)
    buckets: list[Counter[Verdict]] = [Counter() for _ in range(-(-span // width))]
    for day, counts in tally.days.items():
        buckets[(day - first).days // width].update(counts)
    named = [(_dates(first, number, width, last), counts) for number, counts in enumerate(buckets)]
    each = "a day" if width == 1 else f"{width} days"
    return tag(
        "section",
        tag("h2", "Flagged over time"),
        columns(named),
        tag("p", f"By the time they were written; a column is {each}.", class_="soft"),
    )


def _dates(first: date, number: int, width: int, last: date) -> str:
    start = first + timedelta(days=number * width)
    end = first + timedelta(days=min((number + 1) * width - 1, (last - first).days))
    return f"{start}" if start == end else f"{start} to {end}"


def _notes(summary: Summary, tally: Tally, show_text: ShowText) -> Iterator[Html]:
    left = summary.comments - tally.comments
    if left:
        yield tag(
            "p",
            f"{left:,} comments are in no plot and no list: below the severity asked for, known"
            " from the baseline, or unchanged.",
        )
    if tally.beyond:
        yield tag(
            "p", f"{tally.beyond:,} comments of ever new threads or days are not in those plots."
        )
    if summary.unsupported:
        yield tag("p", unsupported_line(summary.unsupported))
    if summary.undecided:
        names = sorted(summary.undecided)
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        yield tag("p", f"Not decidable for this source or model: {', '.join(names[:8])}{more}")
    if show_text == "never":
        yield tag("p", "Texts, authors and threads are left out.")
