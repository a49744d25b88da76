"""A check: one promise made testable, as a pure function from a situation to the steps that test it.

A check sends nothing itself. It says which requests to send and what must come of each; the campaign sends them, judges
them, and explains what went wrong. So a plan can be made without sending anything, the same checks serve any target,
and every finding is a sequence of steps that can be replayed.

The list of checks imports neither Schemathesis nor Hypothesis.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.domain.dialect import Dialect
from mockserver.domain.organisation import Organisation
from mockserver.messages import Request
from mockserver.verification.fiction import Fiction
from mockserver.verification.findings import Grade, Step
from mockserver.verification.state import State
from mockserver.verification.target import Leave, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a check may build on: one named customer as it is now, an id that nobody has, the assumed organisation,
    and the expected dialect.

    `states` are the present states of all named places, this one's included. `unknown` is an id that a read refuses,
    0 where none was found. `word` is a text that the run made up, new in each check, made of small letters. `make_up`
    makes up a mobile number, an e-mail address or an externalId, or returns None where all it knows are held.

    The target `shows_every_source` of the customer by `source=ALL`, and `stores_any_name` if one in letters beyond
    ASCII was seen stored. After a `moment`, in seconds, what an update did has had its time to show. Where requests are
    dear a check is not to be `thorough`. Where it is `parallel` several requests may be sent at once.
    `wrong_credentials` are the ways in which those of the run can go wrong.
    """

    place: Place
    state: State
    states: Mapping[Place, State]
    unknown: int
    organisation: Organisation
    dialect: Dialect
    word: str
    make_up: Callable[[str], str | None] = field(default_factory=lambda: Fiction(0).value)
    disposable: bool = False
    shows_every_source: bool = False
    moment: float = 0.0
    thorough: bool = True
    stores_any_name: bool = False
    parallel: bool = False
    wrong_credentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a check cannot be made in a situation, such as that the customer has no channel.

    It is taken for words of our own, in which nothing is masked; where a value of the customer's is told, it is a
    `Wording`.
    """

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """A request whose outcome the core foretells, by our own answers, from the state that is there when it is sent.

    It may be made of several parts, each told by the statement that it is about (empty where the place tells that);
    `of_parts` makes the request of some of them, by number. One that `must_be_refused` is not sent where the core would
    grant it.
    """

    request: Request
    looks_at_programs: bool = False
    must_be_refused: bool = False
    parts: tuple[str, ...] = ()
    of_parts: Callable[[Sequence[int]], Request] | None = None


@dataclass(frozen=True, slots=True)
class Foretelling:
    """Requests each of which is judged by itself, so that one that differs leaves the others to be tried."""

    asked: tuple[Foretold, ...]


Plan: TypeAlias = tuple[Step, ...] | Foretelling | Unfit


def requests_of(plan: tuple[Step, ...] | Foretelling) -> int:
    """Return about how many requests a plan takes: each that it sends, and a look at what an update did."""
    if isinstance(plan, Foretelling):
        return 2 * len(plan.asked)
    return sum(1 + (step.expect.changes is not None) * (1 + step.looks_at_programs) for step in plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One promise.

    `law` says it in plain words. `statements` and `questions` are what it is about, the first one being what a finding
    names. `grade` is that of a finding which no listed answer explains. `leave` is what it needs. `plan` is asked for
    each named place until one fits; its situation knows the loyalty programs where it `looks_at_programs`.

    A check that is a finding of an earlier run `is_saved`: what it expects was so from the state of then. `differs` are
    the answers that explained it.
    """

    id: str
    law: str
    statements: tuple[str, ...]
    plan: Callable[[Situation], Plan]
    questions: tuple[str, ...] = ()
    grade: Grade = Grade.BROKEN
    leave: Leave = Leave.READS
    looks_at_programs: bool = False
    is_saved: bool = False
    differs: Mapping[str, str] = field(default_factory=dict)
