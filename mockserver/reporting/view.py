"""What every reporter needs to show a campaign, and how single things are put into words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from unicodedata import combining, east_asian_width

from mockserver.exchange.dialects import Question
from mockserver.exchange.snippets import as_curl
from mockserver.files import Statement
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.findings import Finding, Step

_MOST_NAMED = 3  # other checks that a finding names


def _as_it_is(finding: Finding) -> Finding:
    return finding


def _text_as_it_is(text: str) -> str:
    return text


def _nothing(_: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How to show a campaign.

    `base_url` stands in commands to copy, with the `headers` that go with every request, and the `token_header` that
    takes the place of `Authorization`, if one does; `recipe` is the line of shell that makes the credentials, `wrong`
    gives the header of a kind of wrong ones, `options` are curl's. `statements` and `questions` say what the ids mean.
    `mask` and `mask_text` take out what must not be reported, and `fillings` says of a masked text what to put in the
    place of each pseudonym.
    """

    base_url: str
    statements: tuple[Statement, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)
    mask: Callable[[Finding], Finding] = _as_it_is
    mask_text: Callable[[str], str] = _text_as_it_is
    fillings: Callable[[str], Mapping[str, str]] = _nothing
    headers: Mapping[str, str] = field(default_factory=dict)
    token_header: str = ""
    recipe: str = ""
    options: str = ""
    wrong: Callable[[str], str] = _text_as_it_is

    def preparation(self, finding: Finding) -> tuple[str, ...]:
        """Return the lines of shell that go before the commands: how credentials are made, what masks stand for."""
        commands = "\n".join(self.commands(finding))
        needs_credentials = any(not step.anonymous for step in finding.steps)
        fillings = (f"# in the place of {word}, put {what}" for word, what in self.fillings(commands).items())
        return (*([self.recipe] if self.recipe and needs_credentials else []), *fillings)

    def commands(self, finding: Finding) -> tuple[str, ...]:
        """Return the commands that repeat a finding, a step each, with a look where it is the state that counts."""
        return tuple(self._command(step) for step in finding.steps)

    def _command(self, step: Step) -> str:
        command = self._curl(step.request, anonymous=not step.is_authorised)
        if step.credentials:
            command = f"{command} \\\n  -H {self.wrong(step.credentials)}"
        if step.after:
            command = f"sleep {step.after:g}\n{command}"
        if step.request.method != "PUT" or step.expect.changes is None:
            return command
        look = Request(method="GET", path=step.request.path, query="source=ALL")
        return f"{command}\n{self._curl(look)}"

    def _curl(self, request: Request, *, anonymous: bool = False) -> str:
        """Return a command with all that goes with every request; the value of the token's header is a variable."""
        token = {self.token_header: ""} if self.token_header and not anonymous else {}
        whole = replace(request, headers={**self.headers, **token, **request.headers})
        command = as_curl(whole, self.base_url, anonymous=anonymous)
        return command.replace("curl -i", f"curl -i {self.options}", 1) if self.options else command

    def meaning(self, finding: Finding) -> tuple[tuple[str, str, str], ...]:
        """Return the statement and the question that a finding names: what it is, its id, what it says or asks."""
        says = next((one.says for one in self.statements if one.id == finding.statement), "")
        question = self.questions.get(finding.question)
        named = (
            ("statement", finding.statement, says),
            ("question", finding.question, question.asks if question else ""),
        )
        return tuple(one for one in named if one[1])

    def answer(self, finding: Finding) -> str:
        """Return what the answer means that explains a difference, or nothing."""
        question = self.questions.get(finding.question)
        return question.answers.get(finding.answer, "") if question else ""


def legible(text: str) -> str:
    r"""Return a text with what a reader cannot see, or what could deceive, written as `\u202e`; lines stay lines."""
    return text if text.isprintable() else "".join(one if _is_legible(one) else _escape(one) for one in text)


def _is_legible(one: str) -> bool:
    return one.isprintable() or one in "\n\t"


def _escape(one: str) -> str:
    return f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"


def fitted(text: str, columns: int) -> str:
    """Cut a text to columns of a terminal, where East Asian characters take two, and combining ones none."""
    taken = 0
    for at, one in enumerate(text):
        taken += 0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1
        if taken > columns:
            return text[:at]
    return text


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun: `1 finding`, `2 findings`."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


def lasted(seconds: float) -> str:
    """Return how long something took, as short as may be."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def seen(finding: Finding) -> str:
    """Say how often a finding was seen, and by whom."""
    often = f"{counted(finding.seen, 'time')} in {counted(finding.tries, 'try', 'tries')}"
    named, more = finding.also[:_MOST_NAMED], len(finding.also) - _MOST_NAMED
    others = f", also by {', '.join(named)}" if named else ""
    others += f" and {counted(more, 'more check')}" if more > 0 else ""
    return f"{often} by {finding.phase}/{finding.check}{others}"


def traced(finding: Finding) -> str:
    """Say by what the deployment's own logs may know the last exchange, or nothing."""
    request_id = f"request id {finding.request_id}" if finding.request_id else ""
    return " at ".join(part for part in (request_id, finding.at) if part)
