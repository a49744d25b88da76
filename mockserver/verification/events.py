"""What a campaign tells while it runs. It prints nothing; reporters match on these, and decide nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mockserver.verification.failures import Failure
from mockserver.verification.findings import Finding


class Verdict(StrEnum):
    """What came of a check."""

    HELD = "held"
    BROKEN = "broken"
    DIFFERS = "differs"
    NOT_OBSERVED = "not observed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStarted:
    """A campaign begins: `target` as it may be shown, the customers as `ID@SOURCE[:ACCOUNT]`, `at` in RFC 3339.

    Where it is `strict`, differences fail it too.
    """

    target: str
    customers: tuple[str, ...]
    phases: tuple[str, ...]
    seed: int
    dialect: str
    allows: tuple[str, ...]
    at: str
    version: str
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    """A phase begins; `checks` is how many it has, 0 where that is not known before."""

    phase: str
    checks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDone:
    """One check was decided, or not: then `reason` says why. `statements` and `questions` are what it is about.

    A check that is told again at the end takes the place of what was told before.
    """

    phase: str
    check: str
    verdict: Verdict
    statements: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    reason: str = ""
    exchanges: int = 0
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding; the same bug is told again with `seen` grown, and takes the place of what was told before."""

    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDone:
    """A phase is over after so many exchanges; `reason` says why, where it did not run or not to its end.

    It is told after each part of the phase, what cannot be undone being one of its own, and takes the place of what
    was told before.
    """

    phase: str
    exchanges: int
    seconds: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One line for the person who waits: where the before-image lies, that the target throttles, what was restored."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDone:
    """A campaign is over. `findings` are all, each once, the gravest first; `exit_code` is what `check` exits with.

    `failures` are the requests that the target failed, in their order; they are no findings.
    """

    findings: tuple[Finding, ...]
    exchanges: int
    seconds: float
    exit_code: int
    failures: tuple[Failure, ...] = ()


Event: TypeAlias = CampaignStarted | PhaseStarted | CheckDone | Found | PhaseDone | Noted | CampaignDone
