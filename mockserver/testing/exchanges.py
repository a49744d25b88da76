"""What a test sees of the journal: one exchange as a typed value, and the lines of a report."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from mockserver.server.journal import Exchange, Outcome

__tracebackhide__ = True  # a failure is shown at the line of the test

MOST_LINES = 20  # of a journal in a report
_LONGEST = 160  # characters of a target, and of a reason


@dataclass(frozen=True, slots=True, repr=False)
class ExchangeView:
    """One request and its answer, as the journal has kept them.

    `code` is that of a refusal, None where none was refused; `warnings` are an answer's; `basis` and `why` say what
    the answer rests on; `forced` that it was asked for; `advice` what the place that was refused needs.
    """

    kept: Exchange

    @property
    def id(self) -> str:
        """The id, as in the header `X-Mock-Exchange`."""
        return self.kept.id

    @property
    def time(self) -> str:
        """The time of the world's clock, RFC 3339."""
        return self.kept.time

    @property
    def method(self) -> str:
        """The method, such as `PUT`."""
        return self.kept.request.method

    @property
    def path(self) -> str:
        """The path, without the world's part."""
        return self.kept.request.path

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters; of one that came several times, the last."""
        return {name: values[-1] for name, values in parse_qs(self.kept.request.query, keep_blank_values=True).items()}

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by lower-case name; credentials are `[hidden]`."""
        return dict(self.kept.request.headers)

    @property
    def body(self) -> bytes:
        """The request's body as it came."""
        return self.kept.request.body

    @property
    def json(self) -> Any:  # Any: any JSON value
        """The request's body as JSON, None where there is none; ValueError where it is no JSON."""
        return json.loads(self.body) if self.body else None

    @property
    def answer(self) -> Any:  # Any: any JSON value
        """The answer's body as JSON, None where there is none."""
        body = self.kept.reply.response.body
        return json.loads(body) if body else None

    @property
    def operation(self) -> str | None:
        """The operation of the contract, None for a path that it does not have."""
        return self.kept.reply.operation

    @property
    def customer(self) -> int | None:
        """The customer that the path names."""
        return self.kept.reply.customer

    @property
    def status(self) -> int | None:
        """The HTTP status, None where a fault cut the connection before anything was decided."""
        return self.kept.reply.response.status or None

    @property
    def code(self) -> int | None:
        """The code of a refusal."""
        return self.kept.reply.code

    @property
    def warnings(self) -> tuple[int, ...]:
        """The codes of the answer's warnings, in their order."""
        return self.kept.reply.warnings

    @property
    def outcome(self) -> Outcome:
        """What the client saw of the answer: all of it (`answered`), or a connection that a fault cut."""
        return self.kept.outcome

    @property
    def delayed(self) -> int:
        """For how many milliseconds faults held the answer back."""
        return self.kept.delayed

    @property
    def basis(self) -> str:
        """What the answer rests on, as in the header `X-Mock-Basis`."""
        return self.kept.reply.basis

    @property
    def forced(self) -> bool:
        """Whether the answer was asked for instead of earned."""
        return self.kept.reply.forced

    @property
    def why(self) -> str:
        """Why it was refused, or what was left out, and where."""
        return self.kept.reply.why

    @property
    def misspelt(self) -> Mapping[str, str]:
        """The names that were likely meant, by the place of what was sent: `{"body/profils": "profiles"}`."""
        return {item.place: item.meant for item in self.kept.reply.misspelt}

    @property
    def advice(self) -> str:
        """What the place that was refused needs."""
        return self.kept.reply.repair

    def __repr__(self) -> str:
        return f"<{line_of(self.kept)}>"


def line_of(exchange: Exchange) -> str:
    """Return an exchange in one line: id, method, target, status and codes, what the client saw of it, and why."""
    request, reply = exchange.request, exchange.reply
    target = f"{request.path}?{request.query}" if request.query else request.path
    came = ", ".join((" ".join(exchange.result), *exchange.seen))
    why = f" ({_shown(reply.why)})" if reply.why else ""
    return f"{exchange.id} {_shown(request.method)} {_shown(target)} -> {came}{why}"


def journal_lines(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield the last lines of a journal, oldest first, after how many there were before."""
    if not exchanges:
        yield "nothing was requested"
    if len(exchanges) > MOST_LINES:
        yield f"{len(exchanges) - MOST_LINES} more before:"
    yield from map(line_of, exchanges[-MOST_LINES:])


def _shown(text: str) -> str:
    """Show a text in one line, shortened, with nothing that disturbs a terminal."""
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
