"""A dialect: one answer to every question that the page leaves open (`openapi/questions`).

The rules ask a dialect where a question stands; they never assume an answer.
"""

from collections.abc import Mapping

from mockserver.values import Value


class Dialect(Value, frozen=True, kw_only=True, eq=False):
    """`answers` by question id; `evidence` says what each answer rests on: documented, published or assumed.

    Each is made once and then handed on, so a dialect is equal to itself alone, and what it leads to can be kept by it.
    """

    name: str
    answers: Mapping[str, str]
    evidence: Mapping[str, str]

    def __getitem__(self, question: str) -> str:
        """Return the answer to a question; an unknown question is a defect of ours and raises KeyError."""
        return self.answers[question]
