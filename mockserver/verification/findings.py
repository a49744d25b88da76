"""What a campaign finds: one broken promise with its smallest example.

A finding holds requests as they were asked for: without credentials, which only the courier knows. Its personal values
are still in clear; `masking` takes them out of whatever is reported, and values that the checker made up stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self, TypeAlias

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.expectation import Expectation, Mismatch
from mockserver.verification.wording import At, Wording, joined, own, worded


class Grade(StrEnum):
    """How far a deployment is from its promise; the first two count against it, the third only when asked to.

    `BROKEN`: a statement of the page, a law, or behaviour that no listed answer explains. `UNLIKE`: against another
    published page or sample. `DIFFERS`: another listed answer to a question explains it.
    """

    BROKEN = "broken"
    UNLIKE = "unlike"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request and what must come of it; `anonymous` sends it without credentials, `credentials` with wrong ones.

    It is sent `after` so many seconds, where it is `fresh` over a connection of its own, and where it is `together` at
    the same time as the step before it. `credentials` names a kind of wrong ones (`wrong_credentials.WRONG`), empty for
    the run's own. `looks_at_programs` says that the state to be compared includes the loyalty programs, which takes
    another read.
    """

    request: Request
    expect: Expectation
    anonymous: bool = False
    looks_at_programs: bool = False
    fresh: bool = False
    after: float = 0.0
    credentials: str = ""
    together: bool = False

    @property
    def is_authorised(self) -> bool:
        """Tell whether the run's own credentials go with it."""
        return not (self.anonymous or self.credentials)


Key: TypeAlias = tuple[str, str, str]
_MOST_TOLD = 3  # mismatches that a finding tells


def promise_of(law: str, wrong: Sequence[Mismatch]) -> Wording:
    """Say what was promised: a law, and what of it was not kept."""
    told = joined("; ", (worded("{}: {}", At(one.place), one.promised) for one in wrong[:_MOST_TOLD]))
    return worded("{} ({})", own(law), told)


def came_of(wrong: Sequence[Mismatch]) -> Wording:
    """Say what came instead."""
    return joined("; ", (worded("{}: {}", At(one.place), one.came) for one in wrong[:_MOST_TOLD]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken promise.

    `statement` and `question` are ids, empty where none is named; `answer` is the listed answer that explains a
    difference. `steps` is the smallest sequence that shows it, the last one being where it went wrong. `request_id`
    and `at` are the deployment's id and the time (RFC 3339) of that last exchange. `seen` of `tries` times it
    happened. `phase` and `check` say who found it, `law` is what that check promises. `wrong` is all that went wrong
    there, the first of which is the main thing; `promised` and `came` put the first few into words. `also` names the
    checks that show the same bug, and `explains` has what they found.
    """

    grade: Grade
    check: str
    phase: str
    promised: str
    came: str
    statement: str = ""
    question: str = ""
    answer: str = ""
    steps: tuple[Step, ...] = ()
    request_id: str = ""
    at: str = ""
    seed: int = 0
    seen: int = 1
    tries: int = 1
    also: tuple[str, ...] = field(default=())
    law: str = ""
    wrong: tuple[Mismatch, ...] = ()
    explains: tuple[Self, ...] = ()

    @property
    def key(self) -> Key:
        """What makes two findings the same bug: the grade, and the question, else the statement, else the check."""
        return (self.grade, "" if self.question else self.statement or self.check, self.question)

    def merged(self, other: Self) -> Self:
        """Return this finding, seen again as `other`."""
        who = f"{other.phase}/{other.check}"
        also = self.also if who in (f"{self.phase}/{self.check}", *self.also) else (*self.also, who)
        return replace(self, seen=self.seen + other.seen, tries=self.tries + other.tries, also=also)

    def repeated(self, *, seen: bool) -> Self:
        """Return this finding, tried once more."""
        return replace(self, seen=self.seen + seen, tries=self.tries + 1)

    @property
    def counts(self) -> bool:
        """Tell whether it counts against the deployment without `--strict`."""
        return self.grade is not Grade.DIFFERS
