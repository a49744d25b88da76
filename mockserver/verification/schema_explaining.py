"""Which listed answer to a question explains what an answer broke: under that answer's contract it is no breach."""

from collections.abc import Iterator

from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.exchange.dialects import Answer
from mockserver.values import replace
from mockserver.verification.findings import Grade
from mockserver.verification.oracle import Oracle
from mockserver.verification.schema_checks import Breach


def explained(breach: Breach, oracle: Oracle) -> Breach:
    """Return a breach as a difference where another listed answer explains it, and learn that answer."""
    answer = next((answer for answer, _ in explanations(breach, oracle)), None)
    if answer is None:
        return breach
    dialects = oracle.setting.dialects
    if dialects is not None and answer[1] in dialects.questions[answer[0]].implemented:
        oracle.learn(answer)
    return differing(breach, answer)


def differing(breach: Breach, answer: Answer) -> Breach:
    """Return a breach as the difference that an answer makes of it."""
    return replace(breach, grade=Grade.DIFFERS, question=answer[0], answer=answer[1])


def explanations(breach: Breach, oracle: Oracle) -> Iterator[tuple[Answer, Contract]]:
    """Give the other listed answers under whose contract there is no breach."""
    explains = breach.explains
    if explains is not None:
        yield from ((answer, contract) for answer, contract in _other_contracts(oracle) if explains(contract))


def _other_contracts(oracle: Oracle) -> Iterator[tuple[Answer, Contract]]:
    """Give the contracts of the dialects that differ in one answer; answers that contradict each other make none."""
    dialects, dialect = oracle.setting.dialects, oracle.setting.dialect
    for question in dialects.questions.values() if dialects is not None else ():
        for answer in question.answers if question.contract else ():
            contract = _contract_under(oracle, (question.id, answer)) if answer != dialect[question.id] else None
            if contract is not None:
                yield (question.id, answer), contract


def _contract_under(oracle: Oracle, answer: Answer) -> Contract | None:
    dialects = oracle.setting.dialects
    try:
        return None if dialects is None else dialects.contract_of(dialects.with_answers(oracle.setting.dialect, answer))
    except ContractError:
        return None
