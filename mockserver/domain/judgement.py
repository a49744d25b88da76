"""One decision under way: what the rules ask, and the notes that they take.

A `Judgement` lives for one request. It is the only thing in `domain` that grows, and nothing outside the
decision sees it grow. The rules ask it for the organisation and the dialect, and write down what they warn
of, what they ignore, and what the answer rests on.

A question is noted only where another answer to it would have changed the code, the warnings, the effects or
the state of this very request. For a refused request that leaves the question that decided, and those of
which another answer would have refused it earlier with another code (`refusing`).
"""

from collections.abc import Mapping
from typing import Self

from msgspec.structs import replace

from mockserver.domain.citations import Citations
from mockserver.domain.dialect import Dialect
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Basis, Refusal, Rejected, Remark

# Questions of form of which another answer refuses with a code of the vendor's; by all others it is 400.
_FORM_CODES = {
    "attribution-headers": "1061",
    "channel-type-case": "8010",
    "channel-type-elsewhere": "8010",
    "user-id-form": "8015",
}


class Judgement:
    """The organisation and dialect that one request is decided under, and the notes of its decision."""

    __slots__ = ("_questions", "_statements", "answers", "cites", "dialect", "ignored", "organisation", "warnings")

    def __init__(self, organisation: Organisation, dialect: Dialect, cites: Citations) -> None:
        self.organisation = organisation
        self.dialect = dialect
        self.cites = cites
        self.answers = dialect.answers
        self.warnings: list[Refusal] = []
        self.ignored: list[Remark] = []
        self._statements: dict[str, None] = {}
        self._questions: dict[str, tuple[str, ...]] = {}  # with the codes by which other answers refuse

    def under(self, answers: Mapping[str, str]) -> Self:
        """Return a judgement without notes yet, under these answers and the dialect's to all other questions."""
        dialect = replace(self.dialect, answers={**self.dialect.answers, **answers})
        return type(self)(self.organisation, dialect, self.cites)

    def says(self, statement: str) -> None:
        """Note a statement of the page that the answer rests on, "" where the page has none."""
        self._statements[statement] = None

    def asks(self, question: str, *, refusing: str = "") -> str:
        """Note a question that matters here, and return the dialect's answer.

        `refusing` is the code with which another answer would refuse the request, `any` where there are several.
        """
        codes = self._questions.get(question, ())
        if refusing not in codes:
            self._questions[question] = (*codes, refusing)
        return self.answers[question]

    def meet_form(self, form: tuple[str, ...], unknown: tuple[str, ...]) -> None:
        """Note the questions that a request's form raises, and what of it is not part of the contract."""
        for question in form:
            self.asks(question, refusing=_FORM_CODES.get(question, "400"))
        for place in unknown:
            self.ignore(place, "is not part of the contract")

    def warn(self, code: str, place: str, why: str, *words: str) -> None:
        """Warn of one item; `words` fill the placeholders of the code's text."""
        self.warnings.append(Refusal(code=code, place=place, why=why, words=words))

    def ignore(self, place: str, why: str) -> None:
        """Say that something sent was not used, or not as it was sent."""
        self.ignored.append(Remark(place, why))

    def refuse(
        self,
        code: str,
        place: str,
        why: str,
        *,
        words: tuple[str, ...] = (),
        statements: tuple[str, ...] = (),
        questions: tuple[str, ...] = (),
    ) -> Rejected:
        """Refuse the request; `statements` and `questions` are those that decided, "" where the page has none."""
        earlier = tuple(
            question
            for question, codes in self._questions.items()
            if question not in questions and any(other not in ("", code) for other in codes)
        )
        return Rejected(
            refusal=Refusal(code=code, place=place, why=why, words=words),
            basis=Basis(statements=() if statements == ("",) else statements, questions=(*earlier, *questions)),
        )

    @property
    def basis(self) -> Basis:
        """What the answer rests on so far."""
        statements = tuple(self._statements)
        if "" in self._statements:
            statements = tuple(filter(None, statements))
        return Basis(statements=statements, questions=tuple(self._questions))
