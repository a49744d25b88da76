"""One request on its way through the steps of judgement: what each step has found so far.

A `Passage` lives for one request. Every step reads what earlier steps found and writes what it finds itself, so that
an answer, its explanation and the search for a repair all follow the same steps. It is the only thing in `exchange`
that grows, and nothing outside the three sees it grow.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mockserver.contract import Endpoint, Parameters, Parsed
from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange.reply import Misspelt, Reply, Setting
from mockserver.messages import Request

Load: TypeAlias = Callable[[CustomerId], Customer | None]
Loaded: TypeAlias = Mapping[CustomerId, Customer | None]


def before(loaded: Loaded, load: Load) -> Load:
    """Load customers as they were before a request, as far as it depended on them; others as `load` finds them."""

    def load_before(key: CustomerId) -> Customer | None:
        return loaded[key] if key in loaded else load(key)

    return load_before


class Passage:
    """What is known of one request; a member is there once the step that finds it has let the request pass."""

    __slots__ = (
        "body", "command", "endpoint", "load", "misspelt", "now", "outcome", "parameters", "path_values", "request",
        "setting", "user_id",
    )  # fmt: skip

    endpoint: Endpoint  # by route, and so are the next two
    path_values: Mapping[str, str]
    user_id: str
    body: Parsed | None  # by read body; None where there is none
    parameters: Parameters  # by validate parameters
    command: Any  # by read command; Any: of the operation's own type
    misspelt: tuple[Misspelt, ...]  # by read command
    outcome: Any  # by decide; Any: Accepted or Found, as the operation has it

    def __init__(self, setting: Setting, request: Request, load: Load, now: str) -> None:
        self.setting = setting
        self.request = request
        self.load = load
        self.now = now


Step: TypeAlias = Callable[[Passage], Reply | None]  # None lets the request pass to the next step
