"""The questions behind a refusal by the contract: those to which another answer would have changed it.

The contract is a document, so no rule notes a question when it refuses. The core is asked again instead, under each
other answer that changes the part of the contract that refused, or that would have refused something earlier. Only
a request that the contract refuses pays for this, and only where one of its rules is in question.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from mockserver.contract import Contract, Violation
from mockserver.exchange.dialects import Answer, Dialects
from mockserver.exchange.reply import Setting

Judge: TypeAlias = Callable[[Contract], Violation | None]  # the first violation of the request under a contract


def other_settings(setting: Setting, violation: Violation, judge: Judge) -> Iterator[tuple[str, Setting]]:
    """Give each question with an answer to it under which the request does not break the contract in this way."""
    dialects = setting.dialects
    if dialects is None:
        return
    touching = dialects.answers_touching(setting.dialect, violation.rule, violation.holder)
    for question, answer in (*touching, *_stricter(setting, dialects, violation, judge)):
        other = setting.under(dialects.with_answers(setting.dialect, (question, answer)))
        if not _is_same(judge(other.contract), violation):
            yield question, other


def _stricter(setting: Setting, dialects: Dialects, violation: Violation, judge: Judge) -> tuple[Answer, ...]:
    """Return the answers that might have refused something earlier in the body; all are tried at once first."""
    answers = dialects.stricter_answers(setting.dialect)
    if not violation.place.startswith("body"):
        return ()
    strictest = dialects.contract_of(dialects.with_answers(setting.dialect, *answers))
    return () if _is_same(judge(strictest), violation) else answers


def _is_same(found: Violation | None, violation: Violation) -> bool:
    return found is not None and (found.place, found.refusal) == (violation.place, violation.refusal)
