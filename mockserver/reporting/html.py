"""The report as one HTML file for people: the verdict, the findings, and what was seen of every statement.

It needs nothing beside itself, runs without its script, and prints.
"""

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from mockserver.reporting.html_elements import Markup, element, join, trusted
from mockserver.reporting.html_style import SCRIPT, STYLE
from mockserver.reporting.tally import Observed, Phase, Report, Tally, observe
from mockserver.reporting.view import View, counted, lasted, seen
from mockserver.verification.events import Event, Verdict
from mockserver.verification.findings import Finding, Grade

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_WORDS = (Grade.BROKEN, Grade.UNLIKE, Grade.DIFFERS, Verdict.HELD, Verdict.NOT_OBSERVED)
_BREAKABLE = re.compile(r"(?:(?<=[@/,])|(?<=[A-Za-z]:))(?=[^/ ])")


class HtmlReporter:
    """Writes one HTML document when the campaign is over."""

    def __init__(self, write: Callable[[str], object], view: View) -> None:
        self._write = write
        self._view = view
        self._tally = Tally(view)

    def on(self, event: Event) -> None:
        """Take an event in; the last one writes the document."""
        report = self._tally.on(event)
        if report is not None:
            self._write(show_html(report, self._view))


def show_html(report: Report, view: View) -> str:
    """Return the report as an HTML document."""
    observed = observe(report, view.statements)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", f"{conclusion(report)} {report.started.target}"),
        element("style", trusted(STYLE)),
    )
    sections = (_summary, _findings, _questions, _phases, _statements, _notes)
    main = element("main", *(section(report, view, observed) for section in sections), _footer(report))
    body = element("body", main, element("script", trusted(SCRIPT)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def conclusion(report: Report) -> str:
    """Return the verdict in one sentence."""
    broken, unlike = (report.counts.findings[grade] for grade in (Grade.BROKEN, Grade.UNLIKE))
    published = f"is unlike the vendor’s published pages or samples in {counted(unlike, 'place')}"
    if broken:
        also = f", and {published}" if unlike else ""
        return f"This deployment breaks {counted(broken, 'promise')}{also}."
    if unlike:
        return f"This deployment breaks no promise that was observed, but {published}."
    if report.counts.checks[Verdict.HELD] + report.counts.checks[Verdict.DIFFERS] == 0:
        return "Nothing was decided: this deployment could not be checked."
    return "This deployment keeps every promise that was observed."


def _summary(report: Report, _: View, observed: tuple[Observed, ...]) -> Markup:
    parts = [
        element("p", f"Update Customer Details, checked at {report.started.target}", class_="over"),
        element("h1", conclusion(report)),
        element("p", _lead(report), class_="lead"),
        element("p", f"{str(report.counts).capitalize()}.", class_="soft counts"),
    ]
    parts += [_bar(observed)] if observed else []
    return element("header", *parts, _facts(report))


def _lead(report: Report) -> str:
    differs, left = report.counts.findings[Grade.DIFFERS], report.counts.checks[Verdict.NOT_OBSERVED]
    checks = counted(len(report.checks) - left, "check")
    otherwise = f" It answers {counted(differs, 'open question')} otherwise than expected." if differs else ""
    otherwise += " This run is strict, so that fails it." if differs and report.started.strict else ""
    undecided = f"; {left} more could not be" if left else ""
    return f"{checks} {'was' if checks.startswith('1 ') else 'were'} decided{undecided}.{otherwise}"


def _bar(observed: tuple[Observed, ...]) -> Markup:
    """Show the statements as one bar, and say the same in words."""
    counts = {word: sum(one.word == word for one in observed) for word in _WORDS}
    spans = [element("span", class_=_slug(word), style=f"flex:{count}") for word, count in counts.items() if count]
    items = [
        element("li", element("span", f"{count} {word}", class_=f"mark {_slug(word)}"))
        for word, count in counts.items()
        if count
    ]
    legend = element(
        "ul", element("li", f"The page’s {len(observed)} statements", class_="soft"), *items, class_="legend"
    )
    return join(element("div", *spans, class_="bar", aria_hidden="true"), legend)


def _facts(report: Report) -> Markup:
    started = report.started
    facts = {
        "Target": started.target,
        "Customers": ", ".join(started.customers) or "none named",
        "Allowed": ", ".join(started.allows) or "reads only",
        "Dialect": started.dialect,
        "Seed": str(started.seed),
        "Begun": started.at,
        "Took": f"{lasted(report.seconds)}, {counted(report.exchanges, 'exchange')}",
        "Checked with": f"customer-mockserver {started.version}",
    }
    pairs = (element("div", element("dt", name), element("dd", _breakable(value))) for name, value in facts.items())
    return element("dl", *pairs, class_="facts")


def _breakable(text: str) -> Markup:
    """Let a line end where an address or a customer has its joints."""
    first, *others = _BREAKABLE.split(text)
    return join(first, *(part for other in others for part in (element("wbr"), other)))


def _findings(report: Report, view: View, _: tuple[Observed, ...]) -> Markup:
    counting = [finding for finding in report.findings if finding.counts]
    if not counting:
        return element("section", element("h2", "Findings"), element("p", "There are none.", class_="soft"))
    broken = "Broken: against the page, or against a law that any update must keep. "
    unlike = "Unlike: against another page or sample that the vendor publishes."
    cards = (_card(finding, view) for finding in counting)
    return element("section", element("h2", "Findings"), element("p", broken, unlike, class_="soft"), *cards)


def _questions(report: Report, view: View, _: tuple[Observed, ...]) -> Markup:
    """Tell the questions that this deployment answers otherwise."""
    differing = report.graded(Grade.DIFFERS)
    if not differing:
        return join()
    says = "The vendor’s page leaves these open. Another answer is no fault; it is good to know."
    cards = (_card(finding, view) for finding in differing)
    return element("section", element("h2", "Open questions"), element("p", says, class_="soft"), *cards)


def _card(finding: Finding, view: View) -> Markup:
    named = " · ".join(name for _, name, _ in view.meaning(finding)) or f"{finding.phase}/{finding.check}"
    says = [text for _, _, text in view.meaning(finding) if text]
    header = element("header", _mark(finding.grade), element("code", named, class_="soft"))
    title = element("h3", says[0] if says else finding.check)
    asks = [element("p", text, class_="asks soft") for text in says[1:]]
    pair = element("dl", _told("Promised", finding.promised), _told("Came", finding.came, "came"), class_="pair")
    parts = (header, title, *asks, *_answer(finding, view), pair, *_shell(finding, view), _trail(finding))
    return element("article", *parts, class_=f"card {_slug(finding.grade)}")


def _told(label: str, text: str, kind: str = "") -> Markup:
    return element("div", element("dt", label), element("dd", text, class_="value"), class_=kind or False)


def _answer(finding: Finding, view: View) -> Iterator[Markup]:
    if not finding.answer:
        return
    meaning = view.answer(finding)
    told = f": {meaning}." if meaning else "."
    yield element("p", "This deployment’s answer is ", element("code", finding.answer), told, class_="asks")


def _shell(finding: Finding, view: View) -> Iterator[Markup]:
    before = view.preparation(finding)
    if before:
        yield element("p", "Before the commands", class_="step")
        yield element("div", element("pre", element("code", "\n".join(before)), tabindex="0"), class_="command")
    yield from _commands(view.commands(finding))


def _commands(commands: tuple[str, ...]) -> Iterator[Markup]:
    for number, command in enumerate(commands, 1):
        if len(commands) > 1:
            yield element("p", f"Step {number} of {len(commands)}", class_="step")
        yield element("div", element("pre", element("code", command), tabindex="0"), class_="command")


def _trail(finding: Finding) -> Markup:
    request_id = f" request id {finding.request_id}" if finding.request_id else ""
    at = [" at ", element("time", finding.at)] if finding.at else []
    exchange = join(" Last exchange:", request_id, *at, ".") if request_id or at else ""
    return element("p", f"Seen {seen(finding)}.", exchange, f" Seed {finding.seed}.", class_="trail")


def _phases(report: Report, *_: object) -> Markup:
    heads = ("Phase", *(verdict.capitalize() for verdict in Verdict), "Exchanges", "Time")
    head = element("thead", element("tr", *(_head(name, number=bool(at)) for at, name in enumerate(heads))))
    rows = element("tbody", *(_phase(phase, heads) for phase in report.phases))
    return element("section", element("h2", "Checks"), element("table", head, rows, class_="stacks"))


def _head(name: str, *, number: bool = False) -> Markup:
    return element("th", name, scope="col", class_="number" if number else False)


def _phase(phase: Phase, heads: tuple[str, ...]) -> Markup:
    cells = (*(str(phase.count(verdict)) for verdict in Verdict), str(phase.exchanges), lasted(phase.seconds))
    why = [element("br"), element("span", phase.reason, class_="soft")] if phase.reason else []
    numbers = (
        element("td", cell, class_="number", data_label=label) for cell, label in zip(cells, heads[1:], strict=True)
    )
    return element("tr", element("th", phase.name, *why, scope="row"), *numbers)


def _statements(_: Report, __: View, observed: tuple[Observed, ...]) -> Markup:
    """Show every statement of the page, under the place where it stands."""
    if not observed:
        return join()
    heads = ("Statement", "What the page says", "Verdict", "Why, or by which check")
    head = element("thead", element("tr", *(_head(name) for name in heads)))
    bodies = (_place(place, tuple(group)) for place, group in groupby(observed, key=lambda one: one.statement.place))
    title = element("h2", "What the page says, and what was seen of it")
    table = element("table", head, *bodies, class_="statements stacks")
    return element("section", title, _filter(), table)


def _filter() -> Markup:
    choices = [("all", "all"), *((_slug(word), str(word)) for word in _WORDS)]
    labels = (
        element("label", element("input", type="radio", name="only", id=f"only-{at}", checked=at == "all"), name)
        for at, name in choices
    )
    return element("fieldset", element("legend", "Show"), *labels, class_="filter")


def _place(place: str, group: tuple[Observed, ...]) -> Markup:
    title = element("tr", element("th", place, scope="rowgroup", colspan="4"), class_="place")
    return element("tbody", title, *(_statement(one) for one in group))


def _statement(one: Observed) -> Markup:
    return element(
        "tr",
        element("th", element("code", one.statement.id), scope="row"),
        element("td", one.statement.says),
        element("td", _mark(one.word)),
        element("td", one.reason or ", ".join(one.checks)),
        data_verdict=_slug(one.word),
    )


def _notes(report: Report, *_: object) -> Markup:
    if not report.notes:
        return join()
    return element("section", element("h2", "Notes"), element("ul", *(element("li", note) for note in report.notes)))


def _footer(report: Report) -> Markup:
    masked = "Credentials are hidden. Values called masked-… stand for personal data; equal ones are equal."
    again = f"The same seed, {report.started.seed}, repeats this run. "
    return element("footer", element("p", again, masked))


def _mark(word: str) -> Markup:
    return element("span", str(word), class_=f"mark {_slug(word)}")


def _slug(word: str) -> str:
    return str(word).replace(" ", "-")
