"""What is known of a step that was sent, and what a check that was tried came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.verification.events import Verdict
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Mismatch
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.outcomes import Outcome, observe
from mockserver.verification.state import State
from mockserver.verification.strictness import Flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of a check: the verdict, the finding where there is one, the reason where nothing was observed.

    `trials` are the steps of a check that held, as they came.
    """

    verdict: Verdict
    finding: Finding | None = None
    reason: str = ""
    trials: tuple["Trial", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One step that was sent: the state before, the exchange, what reads showed to be different, and what is wrong.

    `changes` is None where nobody looked; those of programs are among them where somebody `saw_programs`.
    """

    step: Step
    before: State
    exchange: Exchange
    changes: Mapping[str, Any] | None
    wrong: tuple[Mismatch, ...]
    saw_programs: bool = False
    flaw: Flaw | None = None

    @property
    def grade(self) -> Grade | None:
        """The grade of what is wrong with the form, None where something else is wrong alone."""
        return None if self.flaw is None else self.flaw.grade

    @property
    def came(self) -> Outcome:
        """What came of the step, as predictions are compared with it."""
        return observe(self.exchange, self.changes, saw_programs=self.saw_programs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one check, as `phase/check`, tells of a question: the answers by which what came can have come."""

    question: str
    answers: frozenset[str]
    check: str
