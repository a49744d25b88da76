"""The questions behind a refusal by the contract: those to which another answer would have changed it.

The contract is a document, so no rule notes a question when it refuses. The request is judged again instead, by the
contract of each other answer that changes the part which refused, or that would have refused something earlier; what
such a contract takes, the rules decide. Only a request that the contract refuses pays for this, and only where one of
its rules is in question.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from mockserver.contract import Contract, Violation
from mockserver.contract.schemas import Refused
from mockserver.domain.dialect import Dialect
from mockserver.exchange.dialects import Answer, Dialects

Judge: TypeAlias = Callable[[Contract], Refused | None]  # the first refusal of the request by a contract
OtherVerdict: TypeAlias = tuple[str, Dialect, Refused | None]  # question, dialect with another answer, refusal


def other_verdicts(dialects: Dialects, dialect: Dialect, violation: Violation, judge: Judge) -> Iterator[OtherVerdict]:
    """Give each question with a dialect that answers it otherwise and does not refuse the request in this way.

    With it comes how that dialect's contract refuses it, None where it takes it.
    """
    ours = violation.place, violation.refusal
    for question, answer in _open_answers(dialects, dialect, violation, judge):
        other = dialects.with_answers(dialect, (question, answer))
        found = judge(dialects.contract_of(other))
        if found != ours:
            yield question, other, found


def _open_answers(dialects: Dialects, dialect: Dialect, violation: Violation, judge: Judge) -> tuple[Answer, ...]:
    """Return the answers by which the contract might refuse otherwise.

    What refuses more might refuse something earlier in the body. All of that is tried at once first: what changes
    nothing together changes nothing alone, and most requests are as wrong as before.
    """
    touching = dialects.answers_touching(dialect, violation.rule, violation.holder)
    if violation.part != "body":
        return touching
    stricter, strictest = dialects.strictest(dialect)
    if judge(dialects.contract_of(strictest)) != (violation.place, violation.refusal):
        return tuple(dict.fromkeys((*touching, *stricter)))
    return tuple([answer for answer in touching if answer not in stricter])
