"""A refused request as the search for its repair sees it: how far it came, and what of it was refused.

How far is the order of judgement: first the steps, and within a step the order in which it judges places. An edit that
helps takes the request further, so a search that always goes further ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockserver.domain.customer import CustomerId
from mockserver.domain.outcome import Accepted
from mockserver.exchange.editing import Edit, steps_in
from mockserver.exchange.passage import Passage
from mockserver.exchange.reply import Reply
from mockserver.exchange.respond import STEPS

Candidate: TypeAlias = tuple[Edit, ...]
Group: TypeAlias = list[Candidate]  # edits that lose equally much of the request, the likest first
Progress: TypeAlias = tuple[int, tuple[int, ...]]

_STEP_NUMBERS = {name: number for number, (name, _) in enumerate(STEPS)}
_NO_PROFILE = frozenset({8065, 8090})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the core said to a request: the step that answered, the answer, and what was known then.

    `known` are ids of customers that are there, which a repair may name.
    """

    step: str
    reply: Reply
    passage: Passage
    known: tuple[CustomerId, ...] = ()

    @property
    def accepted(self) -> bool:
        """Tell whether the request was answered without a refusal."""
        return self.reply.code is None

    @property
    def place(self) -> str:
        """Where the refusal stands, such as `query/accountId`."""
        return self.reply.place

    @property
    def lacks_profile(self) -> bool:
        """Tell whether it was refused because the customer has no profile in the source and account."""
        return self.place == self.passage.operation.cites.source_place and self.reply.code in _NO_PROFILE

    @property
    def warnings(self) -> int:
        """The number of warnings of an update that was accepted."""
        outcome = getattr(self.passage, "outcome", None)
        return len(outcome.warnings) if isinstance(outcome, Accepted) else 0

    @property
    def progress(self) -> Progress:
        """How far the request came; what is accepted came furthest."""
        if self.accepted:
            return len(STEPS), ()
        return _STEP_NUMBERS[self.step], self._within_step()

    def _within_step(self) -> tuple[int, ...]:
        match self.step:
            case "validate parameters":
                places = [parameter.place for parameter in self.passage.endpoint.parameters]
                return (places.index(self.place) if self.place in places else len(places),)
            case "validate body":
                return _position(self._body, self.place)
            case "decide":
                first = "profiles" if self.lacks_profile else next(iter(steps_in(self.place)), "")
                rules = self.passage.operation.judged  # however the body was written
                return (rules.index(first) if first in rules else 0, *_position(self._body, self.place)[1:])
        return ()

    @property
    def _body(self) -> Any:  # Any: JSON
        return None if self.passage.body is None else self.passage.body.value


def _position(value: Any, place: str) -> tuple[int, ...]:
    """Return where a place stands in a body as written; a member that is missing stands where its object does.

    It is counted from the end, so that what follows is further on also when the place itself has been left out.
    """
    position: list[int] = []
    for step in steps_in(place):
        if isinstance(value, dict) and step in value:
            position.append(list(value).index(step) - len(value))
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            position.append(int(step) - len(value))
            value = value[int(step)]
    return tuple(position)


def setting(place: str, values: Iterable[Any]) -> Group:
    """Return the group of edits that set a place to one of these values."""
    return [(Edit(place=place, do="set", value=value),) for value in values]


def leaving_out(place: str) -> Group:
    """Return the edit that leaves out a place, as a group."""
    return [(Edit(place=place, do="remove"),)]
