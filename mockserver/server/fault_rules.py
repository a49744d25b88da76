"""Fault rules: which requests of a world are disturbed, how, how often, and for how long.

Values and pure matching only: `fault_reading` reads rules, `held_rules` counts them, `faults` holds those of a world,
and `disturbing` does what touches the connection. An effect says what becomes of the answer (`sent`), and what a client
sees of it (`outcome`).
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

from mockserver.contract import Catalogue, RouteMatch
from mockserver.exchange import Setting
from mockserver.exchange.authentication import find_fault
from mockserver.messages import Request
from mockserver.operations.operation import read_id
from mockserver.server.journal import Outcome
from mockserver.values import Value, member

MOST_RULES = 100  # of one world; spent ones make room
MOST_MILLISECONDS = 60_000  # of one delay, of all delays of one request, and of one answer that comes in pieces
MOST_PER_MINUTE = 10_000  # of a throttle, which keeps the time of each request that it let pass


class Delay(Value, frozen=True, kw_only=True):
    """Decide the answer some milliseconds later: a number from `least` to `most`, each as likely."""

    sent: ClassVar[str] = "whole"
    outcome: ClassVar[Outcome] = "answered"
    least: int
    most: int


class Answer(Value, frozen=True, kw_only=True):
    """Give the answer that the catalogue has under a code or a name, as `Prefer` would.

    `because` is the reason beside the rule itself, and `retry_after` the seconds that the answer says, where it is
    one of a throttle.
    """

    sent: ClassVar[str] = "whole"
    outcome: ClassVar[Outcome] = "answered"
    kind: Literal["code", "example"]
    named: str
    because: str = ""
    retry_after: int | None = None

    @property
    def prefer(self) -> str:
        """The value of the header Prefer that asks for it."""
        return f"{self.kind}={self.named}"

    def is_published(self, catalogue: Catalogue, operation: str) -> bool:
        """Tell whether an operation has this answer."""
        if self.kind == "code":
            return catalogue.asked_code(self.named, operation) is not None
        return catalogue.asked_example(self.named, operation) is not None


class Throttle(Value, frozen=True, kw_only=True):
    """Answer 429 to each request beyond so many in any 60 seconds; those that are answered 429 do not count."""

    sent: ClassVar[str] = "whole"
    outcome: ClassVar[Outcome] = "answered"
    per_minute: int


class Reset(Value, frozen=True, kw_only=True):
    """Reset the connection (TCP RST) before anything is decided."""

    sent: ClassVar[str] = "reset"
    outcome: ClassVar[Outcome] = "reset"


class Close(Value, frozen=True, kw_only=True):
    """Close the connection (TCP FIN) without a byte, before anything is decided."""

    sent: ClassVar[str] = "closed"
    outcome: ClassVar[Outcome] = "closed"


class Drop(Value, frozen=True, kw_only=True):
    """Close the connection without a byte, before or after the update is done."""

    sent: ClassVar[str] = "dropped"
    outcome: ClassVar[Outcome] = "dropped"
    is_done: bool


class Truncate(Value, frozen=True, kw_only=True):
    """Promise the whole body, send so many bytes of it, at least one less than all, and close."""

    sent: ClassVar[str] = "truncated"
    outcome: ClassVar[Outcome] = "truncated"
    size: int


class Dribble(Value, frozen=True, kw_only=True):
    """Send the body in pieces of so many bytes, with a pause between two."""

    sent: ClassVar[str] = "dribbled"
    outcome: ClassVar[Outcome] = "answered"
    size: int
    milliseconds: int


class Garble(Value, frozen=True, kw_only=True):
    """Send a body that is no JSON."""

    sent: ClassVar[str] = "garbled"
    outcome: ClassVar[Outcome] = "answered"


class Mistype(Value, frozen=True, kw_only=True):
    """Send the body as it is under another Content-Type."""

    sent: ClassVar[str] = "mistyped"
    outcome: ClassVar[Outcome] = "answered"
    content_type: str


Effect: TypeAlias = Delay | Answer | Throttle | Reset | Close | Drop | Truncate | Dribble | Garble | Mistype
ANSWER_429 = Answer(kind="code", named="429")


class Facts(Value, frozen=True, kw_only=True):
    """What a rule may ask of a request; `client` is the address that it came from.

    `is_admitted`: routing and credentials let it come as far as forced answers.
    """

    request: Request
    client: str
    catalogue: Catalogue
    operation: str | None = None
    customer: int | None = None
    is_admitted: bool = False

    def may_have(self, answer: Answer) -> bool:
        """Tell whether the request may be answered so."""
        return self.is_admitted and self.operation is not None and answer.is_published(self.catalogue, self.operation)


def read_facts(setting: Setting, request: Request, client: str = "") -> Facts:
    """Return the facts of a request, whose path is the one within its world."""
    routed = setting.contract.route(request.method, request.path)
    catalogue = setting.contract.catalogue
    if not isinstance(routed, RouteMatch):
        return Facts(request=request, client=client, catalogue=catalogue)
    operation = setting.operations[routed.operation.id]
    return Facts(
        request=request,
        client=client,
        catalogue=catalogue,
        operation=operation.id,
        customer=read_id(operation.subject.text_in(routed.path_values)),
        is_admitted=not operation.needs_credentials or find_fault(setting, request.headers) is None,
    )


class Match(Value, frozen=True, kw_only=True):
    """Which requests a rule meets; what is left out meets all.

    `headers` are by lower-case name, None where any value will do. `nth` counts the requests that otherwise match.
    """

    operation: str | None = None
    customer: int | None = None
    headers: Mapping[str, str | None] = member(default_factory=dict)
    nth: frozenset[int] = frozenset()

    def fits(self, facts: Facts) -> bool:
        """Tell whether a request matches, whichever it is in the count."""
        if self.operation not in (None, facts.operation) or self.customer not in (None, facts.customer):
            return False
        sent = facts.request.headers
        return all(name in sent and value in (None, sent[name]) for name, value in self.headers.items())


class FaultRule(Value, frozen=True, kw_only=True):
    """One rule as it was set; `record` is how it is shown.

    `times` is how often it applies at most, `ttl` the seconds that it lives. A request that it meets is disturbed
    with `probability`, drawn from the rule's own `seed`. `persist`: what it disturbs is disturbed again when the same
    client sends the same again (`resends`).
    """

    effect: Effect
    record: Mapping[str, Any]  # Any: JSON
    match: Match = member(default_factory=Match)
    times: int | None = None
    ttl: float | None = None
    probability: float = 1.0
    seed: int = 0
    enabled: bool = True
    persist: bool = False

    def fits(self, facts: Facts) -> bool:
        """Tell whether a request matches, and may be answered as the rule wants where it wants an answer."""
        match self.effect:
            case Answer() as answer:
                return self.match.fits(facts) and facts.may_have(answer)
            case Throttle():
                return self.match.fits(facts) and facts.may_have(ANSWER_429)
            case _:
                return self.match.fits(facts)
