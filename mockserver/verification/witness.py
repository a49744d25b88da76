"""Whoever looks at the traffic beside the checks: what is seen is told, wherever it is met.

Reads go out before a check and after it, to wait for an update, and to give back what was there; a law sends updates
only to get where it begins. None of that is what a check is about, and all of it can go wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.exchange import Setting
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Finding, Step, came_of, promise_of
from mockserver.verification.form import flaws_of_form
from mockserver.verification.naming import statement_at_place
from mockserver.verification.oracle import Oracle
from mockserver.verification.strictness import Flaw
from mockserver.verification.symptoms import Symptom, case_of

_Seen: TypeAlias = tuple[str, str, Symptom]
_PHASE = "in passing"


def _unplanned(_: Situation) -> Plan:
    return Unfit("it is seen in passing")


ANSWERS = Check(
    id="answers-keep-their-form",
    law="An answer has the contract's form, whatever it is asked for",
    statements=("UPD-PRE-1",),
    plan=_unplanned,
)


@dataclass(slots=True, kw_only=True)
class Witness:
    """Keeps what was seen in passing, the smallest example of each kind, and how often it was seen."""

    oracle: Oracle
    documented: Setting
    seed: int
    _findings: dict[_Seen, Finding] = field(default_factory=dict)

    @property
    def findings(self) -> Iterator[Finding]:
        """What was seen in passing."""
        yield from self._findings.values()

    def note(self, finding: Finding) -> None:
        """Note a finding that no check would tell; differences are learnt, and told by checks."""
        if not finding.counts:
            return
        seen = (finding.check, finding.statement, case_of(finding).main)
        known = self._findings.get(seen)
        if known is None:
            self._findings[seen] = finding
        else:
            smaller = min(known, finding, key=lambda one: case_of(one).size)
            self._findings[seen] = smaller.merged(known if smaller is finding else finding)

    def hear(self, exchange: Exchange) -> None:
        """Judge the form of an answer that no check looks at."""
        flaw = next(iter(self.flaws_of(exchange)), None)
        if flaw is not None:
            self.note(self._told(flaw, exchange))

    def flaws_of(self, exchange: Exchange) -> tuple[Flaw, ...]:
        """Return what is wrong with an answer's form; one as the page has it is no flaw, whatever else is expected."""
        flaws = flaws_of_form(exchange, self.oracle.setting.contract)
        return flaws if flaws and flaws_of_form(exchange, self.documented.contract) else ()

    def _told(self, flaw: Flaw, exchange: Exchange) -> Finding:
        wrong = (flaw.mismatch,)
        return Finding(
            grade=flaw.grade,
            check=ANSWERS.id,
            phase=_PHASE,
            promised=promise_of(ANSWERS.law, wrong),
            came=came_of(wrong),
            statement=flaw.statement or statement_at_place(flaw.mismatch.place) or ANSWERS.statements[0],
            steps=(Step(request=exchange.request, expect=Expectation(status=200)),),
            request_id=exchange.request_id,
            at=exchange.at,
            seed=self.seed,
            law=ANSWERS.law,
            wrong=wrong,
        )
