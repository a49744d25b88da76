"""How much memory an entry of the journal may keep alone, in bytes: estimated quickly.

Counted are what was sent and answered, and the customers that the answer was decided on, if they are large. They are
the store's as long as they are the present ones, and the journal's alone once others take their place. One version
shares nearly all with the next, so ordinary ones are within the fixed part of an entry; what an update stores counts
by the length of its body. `tests/server/test_journal_memory.py` measures it.
"""

from collections.abc import Mapping, Sequence

from msgspec.json import Encoder

from mockserver.domain.customer import Customer
from mockserver.exchange.passage import Loaded
from mockserver.messages import Request

_FIXED = 4_096  # the values of an entry, its id and times, the answer's headers, a new version of an ordinary customer
_HEADER = 128  # of a header that was sent, beside its text
_STORED = 4  # what is stored of a body stands in the customer and in its audit, too, as texts with heads of their own
_PART = 128  # a value within a customer, beside its text
_ORDINARY = 4 * 1024  # of a customer as JSON, up to which it is not counted
_encode = Encoder().encode


def weigh(length: int, loaded: Loaded, changed: Sequence[Customer]) -> int:
    """Return how many bytes an entry may keep; `length` is that of what was sent and answered."""
    size = _FIXED + (_STORED * length if changed else length)
    for customer in loaded.values():
        if customer is not None:
            try:
                written = _encode((customer.profiles, customer.extended_fields, customer.enrolments))
            except (OverflowError, UnicodeEncodeError):  # an integer beyond 64 bits, half of a surrogate pair
                written = repr(customer).encode(errors="replace")
            if len(written) > _ORDINARY:
                size += 2 * len(written) + _PART * written.count(b",")
    return size


def weigh_headers(headers: Mapping[str, str]) -> int:
    """Return how many bytes headers have."""
    return _HEADER * len(headers) + len("".join(headers)) + len("".join(headers.values()))


def weigh_request(request: Request) -> int:
    """Return how many bytes an entry may keep of a request that nothing was decided on."""
    sent = len(request.path) + len(request.query) + len(request.body)
    return _FIXED + weigh_headers(request.headers) + sent
