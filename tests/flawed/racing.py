"""A deployment that handles updates at once, each from the state that it read, and writes them some time later."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply
from mockserver.messages import Request, Response
from tests.flawed.deployment import Deployment
from tests.flawed.twists import is_update

_DATABASE_SECONDS = 0.01  # between reading a customer and writing it
Held: TypeAlias = Mapping[CustomerId, Customer]


class Racing(Deployment):
    """What an update comes to is `end`'s to say: it gets the customers as they were read, and may look at those of now.

    `latest` is the update that began last.
    """

    def __init__(self, end: Callable[["Racing", Request, Held], Reply]) -> None:
        Deployment.__init__(self)
        self.latest: Request | None = None
        self._end = end

    def handle(self, request: Request) -> Response:
        """Answer a read at once, and an update after a while in which others may be answered."""
        if request.method != "PUT":
            return Deployment.handle(self, request)
        held, self.latest = dict(self.customers), request
        self.clock.wait(_DATABASE_SECONDS)
        return self.answer(request, lambda _, asked: self._end(self, asked, held))


def is_raced(deployment: Racing, reply: Reply, held: Held) -> bool:
    """Tell whether an update is accepted of a customer whom others changed since it was read."""
    number = CustomerId(reply.customer or 0)
    return is_update(reply) and held[number] is not deployment.customers[number]
