"""One request on its way through the steps of judgement: what each step has found so far.

A `Passage` lives for one request. Every step reads what earlier steps found and writes what it finds itself, so that
an answer, its explanation and the search for a repair all follow the same steps. It is the only thing in `exchange`
that grows, and nothing outside the three sees it grow.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from mockserver.contract import Endpoint, Parameters, Parsed, Violation
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import Keys
from mockserver.exchange.alternatives import OtherVerdict
from mockserver.exchange.reply import Misspelt, Reply, Setting
from mockserver.messages import Request
from mockserver.operations import Operation
from mockserver.values import Value

Load: TypeAlias = Callable[[CustomerId], Customer | None]
Loaded: TypeAlias = Mapping[CustomerId, Customer | None]


def before(loaded: Loaded, load: Load) -> Load:
    """Load customers as they were before a request, as far as it depended on them; others as `load` finds them."""

    def load_before(key: CustomerId) -> Customer | None:
        return loaded[key] if key in loaded else load(key)

    return load_before


def not_at_hand(key: CustomerId) -> Customer | None:
    """Stand for customers that nobody has loaded yet: the steps up to the command need none."""
    raise AssertionError(f"customer {key} is needed before any is loaded")


class Doubt(Value, frozen=True):
    """A refusal by the contract that names other questions if the rules refuse, too: they need customers for that.

    `keys` are most likely all that is needed.
    """

    violation: Violation
    verdicts: Sequence[OtherVerdict]
    keys: Keys


class Passage:
    """What is known of one request; a member is there once the step that finds it has let the request pass."""

    __slots__ = (
        "body", "command", "doubt", "endpoint", "load", "misspelt", "now", "operation", "outcome", "parameters",
        "path_id", "path_values", "request", "setting",
    )  # fmt: skip

    endpoint: Endpoint  # by route, and so are the next three
    operation: Operation[Any, Any]
    path_values: Mapping[str, str]
    path_id: str  # of the customer, "" where the operation has none in its path
    body: Parsed | None  # by read body; None where there is none
    parameters: Parameters  # by validate parameters
    doubt: Doubt  # by validate parameters or body, if they are in doubt
    command: Any  # by read command; Any: of the operation's own type
    misspelt: tuple[Misspelt, ...]  # by read command
    outcome: Any  # by decide; Any: what the operation grants

    def __init__(self, setting: Setting, request: Request, load: Load, now: str) -> None:
        self.setting = setting
        self.request = request
        self.load = load
        self.now = now


Step: TypeAlias = Callable[[Passage], Reply | None]  # None lets the request pass to the next step
