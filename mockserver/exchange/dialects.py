"""Dialects and their contracts: one answer to every question, and the document that this makes of the contract.

`customers.yaml` states the documented dialect. An answer that changes what goes over the wire carries patches of
that document; together they make the dialect's contract, which is compiled once and kept.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any, TypeAlias

from mockserver.contract import Contract, compile_contract, patched, touches
from mockserver.contract.patching import Patches
from mockserver.contract.pointers import below, follow
from mockserver.domain.dialect import Dialect
from mockserver.domain.record import RecordProblem, suggest
from mockserver.errors import ContractError
from mockserver.exchange.shaping import shape, shape_refusal
from mockserver.operations import OPERATIONS, Operations
from mockserver.values import Value, member

_DIALECTS_KEPT = 512
_CONTRACTS_KEPT = 64  # about 0.5 MiB each, twice that once many customers were asked of
Answer: TypeAlias = tuple[str, str]  # a question's id, and the answer to it


class Question(Value, frozen=True, kw_only=True):
    """What the page leaves open: what is unclear, the evidence, possible answers with their meaning, ours and why.

    `contract` holds, by answer, what that answer changes in the contract. By the answers that are `stricter` the
    contract refuses what it takes under the others.
    """

    id: str
    asks: str
    evidence: str
    answers: Mapping[str, str]
    ours: str
    basis: str
    reason: str
    form: bool = False
    unimplemented: frozenset[str] = frozenset()
    stricter: frozenset[str] = frozenset()
    contract: Mapping[str, Patches] = member(default_factory=dict)

    @property
    def implemented(self) -> tuple[str, ...]:
        """The answers that a dialect may choose."""
        return tuple(answer for answer in self.answers if answer not in self.unimplemented)


Questions: TypeAlias = Mapping[str, Question]


class Dialects:
    """All dialects that the questions allow, over one contract document."""

    def __init__(self, document: Mapping[str, Any], questions: Questions, operations: Operations = OPERATIONS) -> None:
        self.questions = questions
        self.operations = operations
        self._document = document
        self._compiled: Callable[[frozenset[Answer]], Contract] = lru_cache(_CONTRACTS_KEPT)(self._compile)
        # What a dialect leads to is asked for whenever the contract refuses a request, and is kept by the dialect.
        self.contract_of: Callable[[Dialect], Contract] = lru_cache(_CONTRACTS_KEPT)(self._contract_of)
        self.with_answers: Callable[..., Dialect] = lru_cache(_DIALECTS_KEPT)(self._with_answers)
        self.answers_touching: Callable[[Dialect, str, str], tuple[Answer, ...]] = lru_cache(_DIALECTS_KEPT)(
            self._answers_touching
        )
        self.strictest: Callable[[Dialect], tuple[tuple[Answer, ...], Dialect]] = lru_cache(_DIALECTS_KEPT)(
            self._strictest
        )
        self._wire = {
            (question.id, answer): patches
            for question in questions.values()
            for answer, patches in question.contract.items()
        }

    def choose(self, given: object, *, name: str, over: Dialect | None = None) -> Dialect | RecordProblem:
        """Return the dialect with these answers; what they do not name is as in `over`, or our answer.

        An answer other than ours is assumed: the evidence that is kept speaks for ours.
        """
        if not isinstance(given, Mapping):
            return RecordProblem(path=(), problem="is no mapping", cure="write `question: answer` lines")
        given = {str(name): _as_text(answer) for name, answer in given.items()}
        problem = next(misanswers(given, self.questions), None)
        if problem is not None:
            return problem
        held = {question.id: question.ours for question in self.questions.values()} if over is None else over.answers
        return self._dialect(name, {**held, **{question: str(answer) for question, answer in given.items()}})

    def _with_answers(self, dialect: Dialect, *answers: Answer) -> Dialect:
        """Return a dialect with these answers, which must be possible ones."""
        return self._dialect(dialect.name, {**dialect.answers, **dict(answers)})

    def _dialect(self, name: str, answers: Mapping[str, str]) -> Dialect:
        evidence = {
            question.id: question.basis if answers[question.id] == question.ours else "assumed"
            for question in self.questions.values()
        }
        return Dialect(name=name, answers=answers, evidence=evidence)

    def _contract_of(self, dialect: Dialect) -> Contract:
        """Return a dialect's contract, compiled once; answers that contradict each other are a ContractError."""
        return self._compiled(frozenset(answer for answer in dialect.answers.items() if answer in self._wire))

    def document_of(self, dialect: Dialect) -> Mapping[str, Any]:
        """Return the document of a dialect's contract, its examples of responses in the dialect's own form."""
        document = deepcopy(dict(self.contract_of(dialect).document))
        seen: set[str] = set()
        for name, node, place in _examples_of_responses(document):
            operation, value = self.operations.get(name), node.get("value")
            if place not in seen and isinstance(value, Mapping):
                shaped = shape_refusal(value, dialect) if operation is None else shape(operation, value, dialect)
                node["value"] = shaped
            seen.add(place)
        return document

    def patches_of(self, question: str, answer: str) -> Patches:
        """Return what an answer changes in the contract."""
        return self._wire.get((question, answer), {})

    def other_wire_answers(self, dialect: Dialect) -> Iterator[Answer]:
        """Give the answers that are not the dialect's and would make it another contract."""
        for question in self.questions.values():
            for answer in question.implemented if question.contract and not question.form else ():
                if answer != dialect[question.id]:
                    yield question.id, answer

    def _answers_touching(self, dialect: Dialect, rule: str, holder: str) -> tuple[Answer, ...]:
        """Return the answers that change a rule of the contract, or by whose question the dialect has it."""
        return tuple(
            (question, answer)
            for question, answer in self.other_wire_answers(dialect)
            for present in (self.patches_of(question, dialect[question]),)
            if any(touches(place, rule, holder) for place in (*present, *self.patches_of(question, answer)))
        )

    def _strictest(self, dialect: Dialect) -> tuple[tuple[Answer, ...], Dialect]:
        """Return the answers that would make a dialect's contract refuse more, and the dialect that has them all."""
        answers = tuple(
            (question.id, answer)
            for question in self.questions.values()
            for answer in question.stricter
            if dialect[question.id] != answer
        )
        return answers, self._with_answers(dialect, *answers)

    def _compile(self, answers: frozenset[Answer]) -> Contract:
        contract = compile_contract(patched(self._document, (self._wire[answer] for answer in sorted(answers))))
        unknown = next((name for name in contract.operations if name not in self.operations), None)
        if unknown is not None:
            raise ContractError(f"operationId {unknown!r} is no operation of ours; add it to mockserver/operations")
        return contract


def _examples_of_responses(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give each example of an operation's responses: the operation's id, the example, and its place in the document."""
    for path, item in document["paths"].items():
        for method, node in item.items():
            if isinstance(node, Mapping) and "responses" in node:
                for status, response in node["responses"].items():
                    place = below("#/paths", path, method, "responses", status)
                    yield from _examples_within(document, node["operationId"], *follow(document, response, place))


def _examples_within(
    document: Mapping[str, Any], operation: str, response: Mapping[str, Any], place: str
) -> Iterator[tuple[str, dict[str, Any], str]]:
    for kind, media in response.get("content", {}).items():
        for name, example in media.get("examples", {}).items():
            found, where = follow(document, example, below(place, "content", kind, "examples", name))
            yield operation, found, where


def _as_text(answer: object) -> object:
    """Answers are texts; JSON may say 8018 and true without quotes."""
    return str(answer).lower() if isinstance(answer, (bool, int)) else answer


def misanswers(given: Mapping[str, object], questions: Questions) -> Iterator[RecordProblem]:
    """Give what is wrong with answers: a question or an answer that is not there, or that nobody may choose yet."""
    for name, answer in given.items():
        problem = _find_misanswer(name, answer, questions)
        if problem is not None:
            yield problem


def _find_misanswer(name: str, answer: object, questions: Questions) -> RecordProblem | None:
    question = questions.get(name)
    if question is None:
        cure = suggest(name, questions, owner="there are")
        return RecordProblem(path=(name,), problem=f"{name!r} is no question", cure=cure)
    if not isinstance(answer, str) or answer not in question.answers:
        cure = suggest(answer, question.answers, owner="its answers are")
        return RecordProblem(path=(name,), problem=f"{answer!r} is no answer", cure=cure)
    if answer not in question.unimplemented:
        return None
    cure = f"choose from {', '.join(question.implemented)}"
    return RecordProblem(path=(name,), problem=f"{answer!r} is not implemented yet", cure=cure)
