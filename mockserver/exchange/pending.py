"""A request that a store decides on: first read as far as no customer is needed, then decided on those that it names.

So whoever serves knows the keys before it asks the store, and goes on from there with what the store has loaded.
"""

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import NO_KEYS, Keys, Needs
from mockserver.exchange.deciding import decide_on
from mockserver.exchange.passage import Passage, not_at_hand
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.respond import IN_DOUBT, answer_early, settle
from mockserver.messages import Request
from mockserver.operations.operation import Loaded
from mockserver.values import Value


class Pending(Value, frozen=True):
    """A request up to its command, and the `keys` of what it needs loaded; or what it is `answered` without them."""

    passage: Passage
    keys: Keys
    answered: Reply | None = None

    def decide(self, setting: Setting, loaded: Loaded, now: str) -> Reply | Needs:
        """Decide on what was loaded; under another setting or at another time (RFC 3339) it is read anew."""
        passage, answered = self.passage, self.answered
        if passage.setting is not setting or passage.now != now:
            again = read(setting, passage.request, now)
            if not again.keys.are_within(loaded.customers, loaded.holders, loaded.new):
                return Needs(again.keys)
            passage, answered = again.passage, again.answered
        if answered is None:
            return decide_on(passage, loaded)
        return _settle(passage, loaded) if answered is IN_DOUBT else answered


def read(setting: Setting, request: Request, now: str) -> Pending:
    """Read a request as far as no customer is needed; `now` is RFC 3339 text."""
    passage = Passage(setting, request, not_at_hand, now)
    answered = answer_early(passage)
    if answered is None:
        return Pending(passage, passage.operation.keys(passage.command))
    return Pending(passage, passage.doubt.keys if answered is IN_DOUBT else NO_KEYS, answered)


def _settle(passage: Passage, loaded: Loaded) -> Reply | Needs:
    wanted = _Wanted(loaded.customers)
    passage.load = wanted.__getitem__
    reply = settle(passage)
    return reply if len(wanted) == len(loaded.customers) else Needs(Keys(customers=tuple(wanted)))


class _Wanted(dict[CustomerId, Customer | None]):
    """Customers that were loaded, and those that were asked for in vain."""

    __slots__ = ()

    def __missing__(self, key: CustomerId) -> None:
        self[key] = None
